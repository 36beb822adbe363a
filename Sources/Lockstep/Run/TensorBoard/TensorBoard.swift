import Configuration
import Diagnostics
import Training

/// `observers: [tensorboard]`: the scalars of a run in an event file of the run directory, which rank zero writes and
/// `tensorboard --logdir runs` shows.
///
/// Loss, learning rate, samples per second and the gradient's norm of some steps, and the losses and scores of epochs, under the names
/// that `metrics.jsonl` has. A resumed run writes each step once.
struct TensorBoard: ObserverSettings {
  static let kind = "tensorboard"
  static let summary = "an event file in the run directory, which TensorBoard shows: losses, scores, rates"

  /// What it is called in the run directory: TensorBoard looks for `tfevents` in names.
  static let fileName = "events.out.tfevents.lockstep"

  private let every: Int

  init(_ settings: ConfigReader) throws { every = try settings.int("every", default: 50, in: 1...) }

  func observer(rank: Int, directory: String) throws -> (any RunObserver)? {
    rank == 0 ? TensorBoardWriter(every: every, directory: directory) : nil
  }
}

private final class TensorBoardWriter: RunObserver {
  private let every: Int
  private let directory: String
  private var file: EventFile?
  private var stepCount = 0
  /// Curves that end early are no reason to lose a run.
  let isEssential = false

  init(every: Int, directory: String) { (self.every, self.directory) = (every, directory) }

  func observe(_ event: RunEvent) throws {
    switch event {
    case .start(let start):
      stepCount = start.stepCount
      file = try EventFile("\(directory)/\(TensorBoard.fileName)", keepingThrough: start.firstStep)
    case .step(let report):
      let step = report.step.number + 1
      guard step % every == 0 || step == stepCount else { return }
      let rate = Double(report.step.count) / report.times.total
      let norm = report.gradientNorm.map { [("gradient-norm", $0)] } ?? []
      try file?.append(
        [("loss", report.loss), ("learning-rate", report.rate), ("samples-per-second", rate)] + norm, step: step)
    case .epoch(let report):
      try file?.append(
        [("training-loss", report.loss)] + report.testScores.map { ($0.name, $0.value) }, step: report.step)
    case .stop, .end, .failure, .note: break
    }
  }
}
