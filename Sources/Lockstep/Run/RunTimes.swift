import Diagnostics
import Files
import Foundation

/// How long a run took, and on which hosts, `times.json`: for reports, which a run that has ended cannot tell it otherwise.
///
/// It differs from one run to the next, so that no receipt tells of it. Of a run that was resumed it tells what was done since.
package struct RunTimes: Codable, Equatable, Sendable {
  package private(set) var format = 1
  /// Of each rank, in their order.
  package var hosts: [String]
  /// The step that it began behind, and that it ended with.
  package var firstStep: Int
  package var lastStep: Int
  /// Of training.
  package var samples: Int
  package var samplesPerSecond: Double
  /// Seconds in steps, the mean over the ranks; and beside them.
  package var steps: Double
  package var evaluation: Double
  package var checkpoints: Double
  /// What the time in steps went into, by name, the mean over the ranks.
  package var shares: [Share]
  /// The last rank that was found to be slow.
  package var slow: String?

  package struct Share: Codable, Equatable, Sendable {
    package var name: String
    package var share: Double
  }

  init(_ summary: RunSummary, _ hosts: [String], last: Int) {
    self.hosts = hosts
    (firstStep, lastStep) = (last - summary.steps, last)
    (samples, samplesPerSecond) = (summary.samples, summary.samplesPerSecond)
    (steps, evaluation, checkpoints) = (summary.stepSeconds, summary.evaluationSeconds, summary.checkpointSeconds)
    shares = summary.shares.map { Share(name: $0.name, share: $0.share) }
    slow = summary.straggler
  }

  package static let fileName = "times.json"

  /// Those of a run's directory; nil where it has not come to its end, or an older program has run it.
  package init?(ofRun directory: String) {
    guard let data = FileManager.default.contents(atPath: "\(directory)/\(Self.fileName)"), data.count < 1 << 24,
      let found = try? JSONDecoder().decode(RunTimes.self, from: data), found.format == 1
    else { return nil }
    self = found
  }

  /// Nothing is written by a run that was resumed at its end: what it took is known already.
  func write(toRun directory: String) throws {
    guard lastStep > firstStep else { return }
    let path = "\(directory)/\(Self.fileName)"
    try requireOwnFile(path)
    try (sortedJSON(self) + "\n").write(toRunFile: path)
  }
}
