import Checkpoints
import Communication
import Datasets
import Diagnostics
import Foundation
import Metrics
import Training

/// A learning rate that falls when a score no longer improves. As with the best epoch, all of it follows from evaluations, which have the
/// same bits on every rank.
extension TrainingRun {
  /// Looks whether an evaluation is an improvement, and lets the rate of the steps to come fall where there has been none for long.
  func noteForPlateau(_ evaluation: Evaluation, epoch: Int) throws {
    guard let plateau = configuration.plateau, let testData,
      let goal = try wholeScores.goal(of: plateau.metric) ?? evaluator.goals(on: testData)[plateau.metric]
    else { return }
    var state = plateauState ?? PlateauState()
    // A score that needs all rows may not be defined on them.
    if let value = evaluation.value(of: plateau.metric), value.isFinite,
      state.best.map({ goal.isBetter(value, than: $0, byMoreThan: plateau.leastImprovement) }) ?? true
    {
      state.best = value
      state.since = max(state.since, epoch)
    } else if trainer.step < configuration.schedule.warmup {
      // What has not got to its rate yet has none that could fall.
      state.since = max(state.since, epoch)
    } else if epoch - state.since >= plateau.patience {
      state.reductions += 1
      state.since = epoch + plateau.cooldown
      let before = trainer.rate
      setPlateau(state)
      if trainer.rate < before {
        observers.note(
          "epoch \(epoch): the learning rate falls to \(trainer.rate), as \(evaluation.data)-\(plateau.metric) has not improved for "
            + count(plateau.patience, "epoch"))
      }
    }
    setPlateau(state)
  }

  /// What was read of a checkpoint, or follows from an evaluation.
  func setPlateau(_ state: PlateauState?) {
    plateauState = state
    trainer.rateReductions = state?.reductions ?? 0
  }

  /// What rank zero read of a checkpoint.
  func shared(_ state: PlateauState?) throws -> PlateauState? {
    let text = try world.allGather(state.map { try sortedJSON($0) } ?? "")[0]
    return text.isEmpty ? nil : try JSONDecoder().decode(PlateauState.self, from: Data(text.utf8))
  }
}
