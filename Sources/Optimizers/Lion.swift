import Configuration
import Kernels
import Tensors

/// Chen et al.: *Symbolic discovery of optimization algorithms* (NeurIPS 2023), program 1: each number moves by the rate, up or
/// down.
///
/// `p -= rate (sign(β₁ m + (1 - β₁) g) + decay p)`, `m = β₂ m + (1 - β₂) g`. Half of Adam's state; the rate is three to ten times less
/// than Adam's, and the decay as many times more.
public struct Lion: Optimizer {
  public static let kind = "lion"
  public static let summary = "the sign of a mean of gradients"
  public static let usualRate = 1e-4

  package let beta1: Double
  package let beta2: Double
  package private(set) var weightDecay: Double

  /// `beta1` weighs the mean in a step, `beta2` is its decay; weight decay is apart from the gradient.
  public init(beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0) {
    (self.beta1, self.beta2, self.weightDecay) = (beta1, beta2, weightDecay)
  }

  /// Reads `beta1`, `beta2` and `weight-decay`.
  public init(_ settings: ConfigReader) throws {
    beta1 = try settings.beta("beta1", default: 0.9)
    beta2 = try settings.beta("beta2", default: 0.99)
    weightDecay = try settings.weightDecay(default: 0)
  }

  public func with(weightDecay: Double) -> Self? {
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  public func state(for layout: ParameterLayout) -> [StateSlot] { [.sharded("m")] }

  public func prepared(step: Int, rate: Double, decays: Bool) -> Kernels.LionStep {
    Kernels.LionStep(
      rate: Float(rate), beta1: beta1, beta2: beta2, shrink: decays ? Float(1 - rate * weightDecay) : 1)
  }

  public func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Kernels.LionStep
  ) {
    Kernels.lion(parameters, m: state[0], gradient: gradient, scale: scale, step)
  }
}

extension Optimizer where Self == Lion {
  /// See `Lion.init`.
  public static func lion(beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0) -> Lion {
    Lion(beta1: beta1, beta2: beta2, weightDecay: weightDecay)
  }
}
