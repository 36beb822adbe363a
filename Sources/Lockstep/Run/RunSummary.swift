import Checkpoints
import Training

/// What a run adds up as it goes, for the table at its end.
public struct RunSummary: Sendable {
  /// The last one of the data that training is watched by: the test data, or validation data where there are some.
  public internal(set) var evaluation: Evaluation?
  /// Of the test data, once, at the end, where training was watched by others.
  public internal(set) var held: Evaluation?
  /// The epoch whose parameters the run came to, where it might have ended early; nil: the last one.
  public internal(set) var best: BestEpoch?
  /// What was fitted to the probabilities of the validation data; nil: nothing.
  public internal(set) var decision: Decision?
  /// How many weights are zeros, by slot; nil where the run pruned none.
  public internal(set) var pruned: [PrunedSlot]?
  /// The run beside its teacher, where it had one; nil: it had none.
  public internal(set) var distilled: Distilled?
  public internal(set) var evaluationSeconds = 0.0
  public internal(set) var checkpointSeconds = 0.0
  /// The last rank that was found to be slow; nil where none was.
  package internal(set) var straggler: String?
  /// Done by this run, those of what it was resumed from left out.
  public private(set) var samples = 0
  public private(set) var steps = 0
  private var times = Trainer.Times()
  private var epochLoss = 0.0
  private var epochWeight = 0.0
  /// Shares of the step time, the mean over the ranks, by name.
  package private(set) var shares: [(name: String, share: Double)] = []
  /// Seconds in steps, the mean over the ranks.
  public private(set) var stepSeconds = 0.0

  mutating func add(_ report: Trainer.Report) {
    samples += report.step.count
    steps += 1
    times.input += report.times.input
    times.compute += report.times.compute + report.times.update
    times.lanes += report.times.lanes
    times.waiting += report.times.waiting
    times.communication += report.times.communication
    epochLoss += report.loss * report.weight
    epochWeight += report.weight
  }

  /// Of the epoch under way: the sum of the losses and that of their weights, which a resumed run goes on with; nil where
  /// none is.
  var epochSums: [String: Double]? {
    get { epochWeight > 0 ? ["loss": epochLoss, "weight": epochWeight] : nil }
    set { (epochLoss, epochWeight) = (newValue?["loss"] ?? 0, newValue?["weight"] ?? 0) }
  }

  /// The mean loss since the last call.
  mutating func takeEpochLoss() -> Double {
    defer { (epochLoss, epochWeight) = (0, 0) }
    return epochWeight > 0 ? epochLoss / epochWeight : 0
  }

  var ownTimes: [Double] { [times.compute, times.lanes, times.communication, times.waiting, times.input] }

  /// Takes the times of all ranks.
  mutating func finish(_ all: [[Double]]) {
    let names = ["compute", "lanes waiting", "communication", "waiting", "input"]
    let means = names.indices.map { place in all.reduce(0) { $0 + $1[place] } / Double(all.count) }
    stepSeconds = means.reduce(0, +)
    shares = zip(names, means).map { ($0, stepSeconds > 0 ? $1 / stepSeconds : 0) }
  }

  public var samplesPerSecond: Double { stepSeconds > 0 ? Double(samples) / stepSeconds : 0 }
}
