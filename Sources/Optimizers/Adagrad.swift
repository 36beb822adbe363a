import Configuration
import Kernels
import Tensors

/// Duchi, Hazan, Singer: *Adaptive subgradient methods* (JMLR 2011), as `torch.optim.Adagrad`: steps divided by the root of
/// the sum of all squares, so that what rarely has a gradient moves far when it has.
public struct Adagrad: Optimizer {
  public static let kind = "adagrad"
  public static let summary = "steps divided by the root of all squares so far"
  public static let usualRate = 0.01

  package let rateDecay: Double
  package let initial: Double
  package let epsilon: Double
  package private(set) var weightDecay: Double

  /// The rate of step t, from 0, is divided by 1 + `rateDecay` · t; sums begin with `initial`; weight decay is in the gradient.
  public init(rateDecay: Double = 0, initial: Double = 0, epsilon: Double = 1e-10, weightDecay: Double = 0) {
    (self.rateDecay, self.initial, self.epsilon, self.weightDecay) = (rateDecay, initial, epsilon, weightDecay)
  }

  /// Reads `rate-decay`, `initial`, `epsilon` and `weight-decay`.
  public init(_ settings: ConfigReader) throws {
    rateDecay = try settings.double("rate-decay", default: 0, in: 0...1e6)
    // What is no float, or a root beside which no gradient shows, would let nothing learn.
    initial = try settings.double("initial", default: 0, in: 0...1e12)
    epsilon = try settings.epsilon(default: 1e-10)
    weightDecay = try settings.weightDecay(default: 0)
  }

  public func with(weightDecay: Double) -> Self? {
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  public func state(for layout: ParameterLayout) -> [StateSlot] { [.sharded("v")] }

  public func prepared(step: Int, rate: Double, decays: Bool) -> Kernels.AdagradStep {
    Kernels.AdagradStep(
      rate: Float(rate / (1 + rateDecay * Double(step))), initial: Float(initial), epsilon: Float(epsilon),
      decay: decays ? Float(weightDecay) : 0)
  }

  public func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Kernels.AdagradStep
  ) {
    Kernels.adagrad(parameters, v: state[0], gradient: gradient, scale: scale, step)
  }
}

extension Optimizer where Self == Adagrad {
  /// See `Adagrad.init`.
  public static func adagrad(
    rateDecay: Double = 0, initial: Double = 0, epsilon: Double = 1e-10, weightDecay: Double = 0
  ) -> Adagrad {
    Adagrad(rateDecay: rateDecay, initial: initial, epsilon: epsilon, weightDecay: weightDecay)
  }
}
