import Configuration
import Kernels
import Tensors

/// Stochastic gradient descent as `torch.optim.SGD`: v = momentum·v + g; p -= rate·v, or Nesterov's form.
public struct SGD: Optimizer {
  public static let kind = "sgd"
  public static let summary = "stochastic gradient descent, with momentum or Nesterov's"
  public static let usualRate = 0.1

  package let momentum: Double
  package let nesterov: Bool
  package private(set) var weightDecay: Double

  /// A velocity is kept where the momentum is not 0.
  public init(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) {
    (self.momentum, self.nesterov, self.weightDecay) = (momentum, nesterov, weightDecay)
  }

  public init(_ settings: ConfigReader) throws {
    momentum = try settings.double("momentum", default: 0, in: 0..<1)
    nesterov = try settings.bool("nesterov", default: false)
    guard momentum > 0 || !nesterov else {
      throw settings.failure(
        at: "nesterov", "needs a momentum greater than 0", cure: "set momentum, or remove nesterov")
    }
    weightDecay = try settings.weightDecay(default: 0)
  }

  public func with(weightDecay: Double) -> Self? {
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  public func state(for layout: ParameterLayout) -> [StateSlot] { momentum == 0 ? [] : [.sharded("velocity")] }

  public func prepared(step: Int, rate: Double, decays: Bool) -> Kernels.SGDStep {
    Kernels.SGDStep(
      rate: Float(rate), momentum: Float(momentum), nesterov: nesterov, decay: decays ? Float(weightDecay) : 0,
      isFirst: step == 0)
  }

  public func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Kernels.SGDStep
  ) {
    Kernels.sgd(
      parameters, velocity: momentum == 0 ? parameters[0..<0] : state[0], gradient: gradient, scale: scale, step)
  }
}

extension Optimizer where Self == SGD {
  /// See `SGD.init`.
  public static func sgd(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) -> SGD {
    SGD(momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
  }
}
