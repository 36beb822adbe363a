import Kernels
import Optimizers
import Tensors

/// The exponential moving average of the parameters, running statistics included: what evaluation and prediction use
/// where a run asks for it. The trained parameters, and so the digest, know nothing of it.
///
/// average ← average + (1 - decay)·(parameters - average) after each step; the first step begins it with the parameters.
/// As `torch.optim.swa_utils.AveragedModel` with `get_ema_avg_fn(decay)` and `use_buffers`. Parameters that stay keep the
/// average bit for bit; in floats it comes no nearer than about 3e-8 / (1 - decay) of its size, which at 0.999 is 3e-5.
///
/// Each rank keeps what it owns, as it does of the optimizer's buffers, which the average lies beside.
package enum WeightAverage {
  /// The last of the sharded ones.
  package static let slot = StateSlot.sharded("ema")

  /// Moves an owned part, in place, to the parameters after step `step`.
  static func update(_ average: FloatView, to parameters: FloatView, decay: Double, step: Int) {
    guard step > 0 else { return average.assign(parameters) }
    Kernels.runningMean(average, sum: parameters, scale: 1, momentum: Float(1 - decay))
  }
}

extension Trainer {
  /// Overwrites `buffer`, of the plan's layout, with the average of the parameters, on every rank; all ranks call it.
  ///
  /// There must be one: `Options.averageDecay` is set.
  package func collectAverage(into buffer: FloatView) throws {
    guard let index = state.slots.firstIndex(of: WeightAverage.slot) else {
      preconditionFailure("the run keeps no average, only \(state.slots.map(\.name))")
    }
    state.store(index, into: buffer)
    try reducer.collectives.allGather(buffer[0..<plan.layout.trainedCount])
    let frozen = plan.layout.frozenRange
    buffer[frozen].assign(parameters[frozen])
  }
}
