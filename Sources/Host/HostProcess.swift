import Foundation

/// A process of this host, as /proc shows it.
package struct HostProcess: Equatable, Sendable {
  package let identifier: Int
  private let folder: String

  /// - Parameter root: where the kernel shows processes.
  package init(_ identifier: Int, in root: String = "/proc") {
    (self.identifier, folder) = (identifier, "\(root)/\(identifier)")
  }

  /// All that are there, by their numbers; none where the host shows none.
  package static func all(in root: String = "/proc") -> [HostProcess] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.compactMap { Int($0) }.sorted().map { HostProcess($0, in: root) }
  }

  /// Its command line, word by word; empty for one that has ended and waits to be buried.
  package var arguments: [String] { words("cmdline") }

  /// The variables that it was started with; empty for one that has ended, and for another user's.
  package var variables: [String: String] {
    let pairs = words("environ").map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
    return Dictionary(pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { first, _ in first }
  }

  /// What /proc/PID/stat begins with.
  package struct Status: Equatable, Sendable {
    /// The first 15 bytes of the program's name, or what it has named itself.
    package let name: String
    /// R: it runs; S, D: it waits; T, t: it is stopped by a signal, a debugger; Z, X: it has ended.
    package let state: Character
    package let parent: Int

    package var isStopped: Bool { state == "T" || state == "t" }
    package var hasEnded: Bool { state == "Z" || state == "X" }
  }

  /// Nil where it is gone, buried too.
  package var status: Status? {
    let text = String(decoding: bytes("stat"), as: UTF8.self)
    // "12 (a name) with parentheses) S 7 …"
    guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 1, let state = fields[0].first, let parent = Int(fields[1]) else { return nil }
    return Status(name: String(text[text.index(after: open)..<close]), state: state, parent: parent)
  }

  /// The device and the inode of its program; nil for one that has ended, and for another user's.
  package var program: [UInt64]? { Self.program("\(folder)/exe") }

  /// Those of this process.
  package static func ownProgram(in root: String = "/proc") -> [UInt64]? { program("\(root)/self/exe") }

  private static func program(_ link: String) -> [UInt64]? {
    var status = stat()
    return stat(link, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  private func words(_ name: String) -> [String] {
    var words = bytes(name).split(separator: 0, omittingEmptySubsequences: false)
    // Each ends with a zero, but for what a process may have written itself.
    if words.last?.isEmpty == true { words.removeLast() }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }

  /// By a handle, until nothing comes: a read of /proc may give less than there is.
  private func bytes(_ name: String) -> Data {
    (try? FileHandle(forReadingAtPath: "\(folder)/\(name)")?.readToEnd()) ?? Data()
  }
}
