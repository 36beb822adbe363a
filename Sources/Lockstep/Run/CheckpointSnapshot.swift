import Checkpoints
import Datasets
import Diagnostics
import Optimizers
import Tensors
import Training

/// What a checkpoint holds of the trainer, copied at one step, so that training goes on while a thread writes it.
///
/// It takes as much memory as the parameters and the optimizer's state together, on rank zero alone; made once.
final class CheckpointSnapshot: Sendable {
  private let parameters: FlatBuffer
  /// The optimizer's slots, and last the parameters' average where the run keeps one.
  let state: [FlatBuffer]
  private let stateSlots: [StateSlot]
  private let keepsAverage: Bool
  private let layout: ParameterLayout

  init(stateSlots: [StateSlot], keepsAverage: Bool, layout: ParameterLayout) {
    parameters = FlatBuffer(count: layout.count)
    state = stateSlots.map { FlatBuffer(count: $0.count(for: layout)) }
    (self.stateSlots, self.keepsAverage, self.layout) = (stateSlots, keepsAverage, layout)
  }

  /// Takes the parameters after `step` steps; the state was collected before.
  ///
  /// Throws where a number is not finite, which no run could go on from.
  func take(_ current: FloatView, step: Int) throws {
    parameters.view.assign(current)
    // The first step begins the average, with the parameters: before it, they are the average.
    if keepsAverage, step == 0 { state.last?.view.assign(current[0..<layout.trainedCount]) }
    var name = layout.nonFiniteSlot(in: parameters.view).map { "parameter \($0)" }
    for (slot, buffer) in zip(stateSlots, state) where name == nil {
      name = slot.nonFinite(in: buffer.view, layout).map { "the optimizer's \($0.words)" }
    }
    if let name {
      throw Failure(
        .badData, at: "step \(step)", "\(name) is not finite; no checkpoint is written",
        cure: "lower the learning rate and resume from the one before")
    }
  }

  /// The identity of the parameters.
  var digest: Digest { Digest(of: parameters.view, layout: layout) }

  /// The files of the checkpoint.
  func contents(
    _ transforms: [any FittedTransform], files: [String], preparation: String?
  ) -> [String: CheckpointStore.Content] {
    Checkpoint.contents(
      parameters: parameters.view, state: state, stateSlots: stateSlots, average: keepsAverage ? state.last?.view : nil,
      transforms: transforms, files: files, preparation: preparation, layout: layout)
  }
}
