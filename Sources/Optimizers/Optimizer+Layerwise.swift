import Kernels
import Tensors

/// What one step of LAMB is made of, where its moments are known: u = m̂ / (√v̂ + ε) + decay·p, p -= rate·ratio·u.
///
/// `ratio` is ‖p‖ / ‖u‖ over a slot as it was before the step, so that a step comes in three parts: `update` moves the
/// moments, `squareSums` gives what the norms are made of, and `apply` moves the parameters.
extension Optimizer {
  /// Whether a step of a float depends on its whole slot.
  public var isLayerwise: Bool {
    if case .lamb = self { true } else { false }
  }

  /// The sums of the squares of a block of parameters and of its update, in double.
  public func squareSums(
    _ parameters: FloatView, state: OptimizerSlice, step: Int, decays: Bool
  ) -> (parameters: Double, update: Double) {
    Kernels.lambSquareSums(parameters, m: state[0], v: state[1], lambStep(step, decays: decays))
  }

  /// Moves a part of a slot, in place, `rate` being the learning rate times the slot's ratio.
  public func apply(_ parameters: FloatView, state: OptimizerSlice, rate: Double, step: Int, decays: Bool) {
    Kernels.lamb(parameters, m: state[0], v: state[1], rate: Float(rate), lambStep(step, decays: decays))
  }

  private func lambStep(_ step: Int, decays: Bool) -> Kernels.LAMBStep {
    guard case .lamb(let beta1, let beta2, let epsilon, let decay) = self else {
      preconditionFailure("\(self) takes a step of each float by itself")
    }
    let fix1 = 1 / (1 - power(Double(Float(beta1)), step + 1))
    let root2 = (1 - power(Double(Float(beta2)), step + 1)).squareRoot()
    return Kernels.LAMBStep(
      fix: Float(fix1), root: Float(root2), epsilon: Float(epsilon), decay: decays ? Float(decay) : 0)
  }
}
