import Diagnostics

/// Something that was asked of a rank: an option and its value, a setting, a variable of the environment.
package struct Asked: Equatable, Sendable {
  /// As the user writes it: `--output`, `optimizer.adam.learning-rate`.
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

  /// A flag that is there, or is not; nil in the latter case.
  package init?(_ name: String, flag isThere: Bool) {
    guard isThere else { return nil }
    self.init(name, "given")
  }

  /// An option that may be left out; nil where it is.
  package init?(_ name: String, _ value: String?) {
    guard let value else { return nil }
    self.init(name, value)
  }
}

extension Communicator {
  /// Refuses ranks that were asked for something else than rank zero: mpirun starts each with a command line of its own.
  ///
  /// Such ranks would train different models together, or wait for each other for ever. All ranks call it, before they do
  /// anything else together, whatever they were asked for.
  ///
  /// - Throws: usage (64) in the name of the lowest rank that differs, with the first name and both values.
  package func requireSame(_ asked: [Asked], cure: String) throws {
    // Rank zero's alone travel: of a thousand ranks, each needs one.
    let text = rank == 0 ? asked.map { "\($0.name)\0\($0.value)" }.joined(separator: "\0") : ""
    let words = try allGather(text)[0].split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    let first = stride(from: 0, to: words.count - 1, by: 2).map { Asked(words[$0], words[$0 + 1]) }
    try agree {
      guard let difference = Self.difference(first, asked) else { return }
      throw Failure(
        .usage, at: difference.name,
        "expected \(difference.expected ?? "none"), as rank 0 has it, found \(difference.found ?? "none")", cure: cure)
    }
  }

  /// The first name that stands for different things, in the order of `expected`.
  private static func difference(
    _ expected: [Asked], _ found: [Asked]
  ) -> (name: String, expected: String?, found: String?)? {
    let here = Dictionary(found.map { ($0.name, $0.value) }) { first, _ in first }
    let there = Dictionary(expected.map { ($0.name, $0.value) }) { first, _ in first }
    guard let name = (expected + found).map(\.name).first(where: { here[$0] != there[$0] }) else { return nil }
    return (name, there[name], here[name])
  }
}
