import Checkpoints
import Communication
import Datasets
import Diagnostics
import Judging
import Tensors
import Training

/// The decision at a run's end, on the parameters that it came to.
extension TrainingRun {
  /// Fits what the configuration asks for, on validation rows, and keeps it beside the weights at `path`; where it asks for nothing,
  /// what somebody has chosen by hand for these weights stays. Returns what the receipt tells of it; all ranks call it.
  func decide(at path: String) throws -> Receipt.Decided? {
    var clock = Stopwatch()
    guard let decision = try decision(at: path) else { return nil }
    summary.decision = decision
    let test = heldData ?? (isWatchedByValidation ? nil : testData)
    var parts: [(name: String, ready: Dataset)] = []
    if let validationData { parts.append(("validation", validationData)) }
    if let test { parts.append(("test", test)) }
    let figures = try fitting.figures(by: decision, on: parts) { trainingData }
    try world.agree {
      guard world.rank == 0, decision.isOfConfiguration else { return }
      let before = try? Decision(in: path, weights: decision.weights, classes: trainingData.classNames)
      if let before, !before.isOfConfiguration {
        observers.note("decide of the configuration takes the place of what lockstep decide had chosen for \(path)")
      }
      try decision.write(toCheckpoint: path)
    }
    summary.evaluationSeconds += clock.lap()
    return decision.decided(figures: figures)
  }

  private func decision(at path: String) throws -> Decision? {
    guard let settings = configuration.decide, let validationData else {
      let kept = try world.agree { () -> Decision? in
        guard world.rank == 0,
          let found = try Decision(in: path, weights: digest.description, classes: trainingData.classNames)
        else { return nil }
        if found.isOfConfiguration { try Decision.remove(from: path) }
        return found.isOfConfiguration ? nil : found
      }
      return try Decision.shared(kept, in: world)
    }
    if let average, !isAtBest { try trainer.collectAverage(into: average.view) }
    return try fitting.decision(
      settings, on: validationData, from: .init(kind: .configuration), weights: digest.description,
      baseline: { trainingData.baseline(of: $0) }, tell: observers.note)
  }

  /// The rows that a decision is fitted on; nil where the run has none.
  private var validationData: Dataset? { isWatchedByValidation ? testData : nil }

  private var fitting: DecisionFitting { DecisionFitting(judge: judge) }
}
