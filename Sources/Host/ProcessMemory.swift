import Diagnostics
import Foundation

/// How much memory this process may use, and what says so.
///
/// A host's memory, and what a control group allows, are for all that run there together: the ranks of a host, too. What a
/// process was started with (`ulimit -v`, `-d`) is its own.
package struct ProcessMemory: Sendable {
  /// A number of bytes, and what ends it there.
  package struct Limit: Equatable, Sendable {
    /// `this host`, `the control group /job_7 (memory.max)`, `ulimit -v`
    package let name: String
    package let bytes: Int

    package init(name: String, bytes: Int) { (self.name, self.bytes) = (name, bytes) }
  }

  /// What all processes of this host, or of this container, have together.
  package let shared: Limit
  /// What this process alone may have; nil where that is without limit.
  package let own: Limit?

  /// The least of all of them: what this process may have at most.
  package var bytes: Int { max(1, min(shared.bytes, own?.bytes ?? .max)) }

  /// That of this process as it was started.
  package static let ofThisProcess = ProcessMemory()

  /// - Parameters:
  ///   - root: below which /proc and /sys are.
  ///   - host: bytes of memory of the host.
  ///   - own: the limit that the process has of its own.
  package init(
    root: String = "", host: Int = Int(clamping: ProcessInfo.processInfo.physicalMemory),
    own: (name: String, bytes: UInt64)? = OutOfMemory.processLimit
  ) {
    let groups = Self.groups(root).filter { $0.bytes < host }
    shared = groups.min { $0.bytes < $1.bytes } ?? Limit(name: "this host", bytes: host)
    self.own = own.map { Limit(name: $0.name, bytes: Int(clamping: $0.bytes)) }
  }

  /// The limits of the control group of this process and of those around it, of either version; those without are left out.
  private static func groups(_ root: String) -> [Limit] {
    let lines = text("\(root)/proc/self/cgroup") ?? ""
    var limits: [Limit] = []
    // Where the kernel does not tell its group, as in a chroot, the outermost may be seen all the same.
    var paths = [("/sys/fs/cgroup", "memory.max", "/"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "/")]
    for line in lines.split(separator: "\n") {
      // "0::/job" of version 2, "9:memory:/job" of version 1.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[0] == "0", parts[1].isEmpty { paths[0].2 = String(parts[2]) }
      if parts[1].split(separator: ",").contains("memory") { paths[1].2 = String(parts[2]) }
    }
    for (folder, file, path) in paths {
      var group = path.split(separator: "/")
      while true {
        let name = "/" + group.joined(separator: "/")
        let place = root + folder + (group.isEmpty ? "" : name)
        // "max", and what is missing, as seen from inside of a container, is no limit.
        if let bytes = text("\(place)/\(file)").flatMap({ Int($0.prefix { !$0.isWhitespace }) }) {
          limits.append(Limit(name: "the control group \(name) (\(file))", bytes: bytes))
        }
        if group.popLast() == nil { break }
      }
    }
    return limits
  }

  private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
