/// By what rank zero tells `lockstep launch` that the training is done: a line on standard error that launch reads, and
/// keeps to itself. An mpirun that is told to stop before it has started any rank ends with 0 as well.
///
/// ```
/// lockstep-done 42000
/// ```
package struct Completion: Equatable, Sendable {
  private static let word = "lockstep-done"

  /// The last step of the run, whose checkpoint is on the disk.
  package let step: Int

  package init(step: Int) { self.step = step }

  package var line: String { "\(Self.word) \(step)" }

  /// Nil where the line is another, or torn.
  package init?(line: String) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2, words[0] == Self.word, let step = Int(words[1]) else { return nil }
    self.init(step: step)
  }
}
