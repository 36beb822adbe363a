import Tensors

/// An optimizer at work in a trainer, whatever its kind: prepared once a step, it then updates part after part.
///
/// Preparing is for one thread, while no part is updated; parts may be updated by several.
public protocol ParameterUpdate: AnyObject, Sendable {
  /// Moves the replicated state, and makes the numbers of step `step`, from 0, at a learning rate.
  func prepare(step: Int, rate: Double, replicated: [FlatBuffer])

  /// See `Optimizer.update`.
  func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, decays: Bool)
}

/// That of a `LayerwiseOptimizer`.
public protocol LayerwiseUpdate: ParameterUpdate {
  func squareSums(
    _ parameters: FloatView, state: OptimizerSlice, decays: Bool
  ) -> (parameters: Double, update: Double)

  func ratio(ofSlot slot: Int, parameters: Double, update: Double, replicated: [FlatBuffer]) -> Double

  func apply(_ parameters: FloatView, state: OptimizerSlice, ratio: Double, decays: Bool)
}

/// Unchecked: its fields change in `prepare` alone, which nobody calls while a part is updated.
class OptimizerUpdate<Kind: Optimizer>: ParameterUpdate, @unchecked Sendable {
  fileprivate let optimizer: Kind
  private var decaying: Kind.Step
  private var other: Kind.Step

  init(_ optimizer: Kind) {
    self.optimizer = optimizer
    decaying = optimizer.prepared(step: 0, rate: 0, decays: true)
    other = optimizer.prepared(step: 0, rate: 0, decays: false)
  }

  func prepare(step: Int, rate: Double, replicated: [FlatBuffer]) {
    optimizer.advance(replicated, step: step, rate: rate)
    decaying = optimizer.prepared(step: step, rate: rate, decays: true)
    other = optimizer.prepared(step: step, rate: rate, decays: false)
  }

  func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, decays: Bool
  ) {
    optimizer.update(parameters, state: state, gradient: gradient, scale: scale, step(decays))
  }

  fileprivate func step(_ decays: Bool) -> Kind.Step { decays ? decaying : other }
}

/// Unchecked as the class below it, to which it adds no field.
final class LayerwiseOptimizerUpdate<Kind: LayerwiseOptimizer>: OptimizerUpdate<Kind>, LayerwiseUpdate,
  @unchecked Sendable
{
  func squareSums(
    _ parameters: FloatView, state: OptimizerSlice, decays: Bool
  ) -> (parameters: Double, update: Double) {
    optimizer.squareSums(parameters, state: state, step(decays))
  }

  func ratio(ofSlot slot: Int, parameters: Double, update: Double, replicated: [FlatBuffer]) -> Double {
    optimizer.ratio(ofSlot: slot, parameters: parameters, update: update, replicated: replicated)
  }

  func apply(_ parameters: FloatView, state: OptimizerSlice, ratio: Double, decays: Bool) {
    optimizer.apply(parameters, state: state, ratio: ratio, step(decays))
  }
}
