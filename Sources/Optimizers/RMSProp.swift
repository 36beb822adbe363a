import Configuration
import Kernels
import Tensors

/// Hinton: *Neural networks for machine learning*, lecture 6e (2012), as `torch.optim.RMSprop`; centered, the squares are
/// taken from the gradient's mean.
public struct RMSProp: Optimizer {
  public static let kind = "rmsprop"
  public static let summary = "steps divided by a mean of recent squares"
  public static let usualRate = 0.01

  package let smoothing: Double
  package let epsilon: Double
  package let momentum: Double
  package let centered: Bool
  package private(set) var weightDecay: Double

  /// `smoothing` is the decay of the mean square; with `centered` the mean gradient is taken off first.
  public init(
    smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, centered: Bool = false,
    weightDecay: Double = 0
  ) {
    (self.smoothing, self.epsilon, self.momentum) = (smoothing, epsilon, momentum)
    (self.centered, self.weightDecay) = (centered, weightDecay)
  }

  /// Reads `smoothing`, `epsilon`, `momentum`, `centered` and `weight-decay`.
  public init(_ settings: ConfigReader) throws {
    smoothing = try settings.beta("smoothing", default: 0.99)
    epsilon = try settings.epsilon(default: 1e-8)
    momentum = try settings.double("momentum", default: 0, in: 0..<1)
    centered = try settings.bool("centered", default: false)
    weightDecay = try settings.weightDecay(default: 0)
  }

  public func with(weightDecay: Double) -> Self? {
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  public func state(for layout: ParameterLayout) -> [StateSlot] {
    let names = ["v"] + (centered ? ["m"] : []) + (momentum > 0 ? ["velocity"] : [])
    return names.map { .sharded($0) }
  }

  public func prepared(step: Int, rate: Double, decays: Bool) -> Kernels.RMSPropStep {
    Kernels.RMSPropStep(
      rate: Float(rate), smoothing: smoothing, epsilon: Float(epsilon), momentum: Float(momentum),
      decay: decays ? Float(weightDecay) : 0)
  }

  public func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Kernels.RMSPropStep
  ) {
    Kernels.rmsProp(
      parameters, v: state[0], m: centered ? state[1] : nil, velocity: momentum > 0 ? state[centered ? 2 : 1] : nil,
      gradient: gradient, scale: scale, step)
  }
}

extension Optimizer where Self == RMSProp {
  /// See `RMSProp.init`.
  public static func rmsProp(
    smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, centered: Bool = false,
    weightDecay: Double = 0
  ) -> RMSProp {
    RMSProp(
      smoothing: smoothing, epsilon: epsilon, momentum: momentum, centered: centered, weightDecay: weightDecay)
  }
}
