import Checkpoints
import Communication
import Datasets
import Diagnostics
import Foundation
import Metrics
import Training

/// The best epoch of a run that may end early, and what becomes of it. All of it follows from evaluations, which have the same bits on
/// every rank: no rank asks another one.
extension TrainingRun {
  /// Throws where there is nothing to watch training by.
  static func requireWatchable(_ configuration: RunConfiguration, on data: Dataset?) throws {
    guard let key = configuration.watchers.first?.key, data == nil else { return }
    throw Failure(
      .badConfiguration, at: key, "expected data to watch training by, found none",
      cure: "name some in data (a validation share of the split), or leave \(key) out")
  }

  /// Looks whether an evaluation is the best so far.
  func note(_ evaluation: Evaluation, epoch: Int) throws {
    guard let stopping = configuration.earlyStopping, let testData,
      let goal = try wholeScores.goal(of: stopping.metric) ?? evaluator.goals(on: testData)[stopping.metric]
    else { return }
    // An epoch before all was pruned is no model that was asked for.
    if let pruning = configuration.pruning, Double(epoch) < pruning.until { return }
    best?.measured = epoch
    // A score that needs all rows may not be defined on them.
    guard let value = evaluation.value(of: stopping.metric), value.isFinite,
      best.map({ goal.isBetter(value, than: $0.value, byMoreThan: stopping.leastImprovement) }) ?? true
    else { return }
    best = BestEpoch(
      metric: "\(evaluation.data)-\(stopping.metric)", value: value, step: trainer.step, epoch: epoch)
  }

  /// What rank zero read of a checkpoint.
  func shared(_ best: BestEpoch?) throws -> BestEpoch? {
    let text = try world.allGather(best.map { try sortedJSON($0) } ?? "")[0]
    return text.isEmpty ? nil : try JSONDecoder().decode(BestEpoch.self, from: Data(text.utf8))
  }

  /// Whether the score has not improved for as long as it may.
  var isOver: Bool {
    guard let stopping = configuration.earlyStopping, let best else { return false }
    return best.measured - best.epoch >= stopping.patience
  }

  /// Takes the parameters of the best epoch, and their average, from its checkpoint, where they are not the present ones; all ranks call
  /// it. Returns the checkpoint's path.
  ///
  /// The optimizer's state stays: nothing can be trained on from here.
  func takeBest() throws -> String? {
    guard let best else { return nil }
    let path = CheckpointStore.path(ofStep: best.step, in: output)
    guard best.step != trainer.step else { return path }
    try world.agree {
      guard world.rank == 0 else { return }
      let checkpoint = try Checkpoint(verifying: path)
      try checkpoint.readParameters(into: trainer.parameters, layout: plan.layout)
      if let average { try checkpoint.readAverage(into: average.view, layout: plan.layout) }
    }
    let own = (trainer.sharesParameters ? [] : [trainer.parameters]) + (average.map { [$0.view] } ?? [])
    for buffer in own { try world.broadcast(buffer.bytes, root: 0) }
    isAtBest = true
    return path
  }
}

extension Evaluation {
  /// A score by its name in files: `f1`, and of one of several outputs `f1/Status`; nil where it was not measured.
  package func value(of key: String) -> Double? {
    scores.first { $0.name == key }?.value
  }

  /// All scores under the names that files have them.
  var scores: [(name: String, value: Double)] {
    func key(_ name: String) -> String { name.replacing(" ", with: "-") }
    return metrics.map { (key($0.name), $0.value) }
      + outputs.flatMap { output, metrics in metrics.map { ("\(key($0.name))/\(output)", $0.value) } }
  }
}
