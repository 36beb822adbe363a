import Diagnostics
import Foundation

/// The hosts of a cluster and how many ranks each takes, as Open MPI's hostfiles tell it.
///
/// ```
/// # a comment
/// node01 slots=2
/// node02           # one slot; a name on two lines has two
/// ```
package struct Hostfile: Equatable, Sendable {
  package struct Host: Equatable, Sendable {
    package let name: String
    /// How many ranks it takes, at least 1.
    package let slots: Int

    package init(_ name: String, slots: Int) {
      self.name = name
      self.slots = slots
    }
  }

  /// The most slots that a line of a file may give a host: far more than there are, and sums of them never overflow.
  package static let mostSlots = 1_000_000

  /// In the order of the file, each name once.
  package let hosts: [Host]

  package init(_ hosts: [Host]) { self.hosts = hosts }

  /// - Throws: missing input (66) where the file cannot be read, bad configuration (78) with the line at fault.
  package init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.system("open", path, errno: errno == 0 ? ENOENT : errno, reading: true, cure: "check --hostfile")
    }
    try self.init(text: String(decoding: data, as: UTF8.self), path: path)
  }

  /// Reads the text of a file; failures name `path`.
  package init(text: String, path: String) throws {
    var hosts: [Host] = []
    // Windows ends a line by two signs, which are one Character that is not "\n".
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let name = words.first else { continue }
      var slots = 1
      for word in words.dropFirst() {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let count = Int(parts[1]), (1...Self.mostSlots).contains(count) else {
          throw Failure(
            .badConfiguration, at: "\(path):\(number + 1)",
            "expected slots=N with N in 1...\(Self.mostSlots), found \(word)",
            cure: "write a host as: \(name) slots=2")
        }
        switch parts[0] {
        case "slots": slots = count
        case "max_slots", "max-slots": break  // Never reached: no host gets more ranks than slots.
        default:
          throw Failure(
            .badConfiguration, at: "\(path):\(number + 1)", "expected slots=N, found \(word)",
            cure: "write a host as: \(name) slots=2")
        }
      }
      if let place = hosts.firstIndex(where: { $0.name == name }) {
        hosts[place] = Host(name, slots: hosts[place].slots + slots)
      } else {
        hosts.append(Host(name, slots: slots))
      }
    }
    guard !hosts.isEmpty else {
      throw Failure(.badConfiguration, at: path, "expected hosts, found none", cure: "write one a line: node01 slots=2")
    }
    self.hosts = hosts
  }

  /// The ranks that all hosts take together.
  package var slots: Int { hosts.reduce(0) { $0 + $1.slots } }

  /// The text of a file that says the same.
  package var text: String { hosts.map { "\($0.name) slots=\($0.slots)\n" }.joined() }
}
