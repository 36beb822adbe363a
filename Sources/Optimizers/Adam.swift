import Configuration
import Kernels
import Tensors

/// Kingma, Ba: *Adam* (ICLR 2015); decay is added to the gradient, as `torch.optim.Adam`.
public struct Adam: Optimizer {
  public static let kind = "adam"
  public static let summary = "Adam, with weight decay in the gradient"
  public static let usualRate = 1e-3

  package let moments: AdamMoments
  package private(set) var weightDecay: Double
  /// Whether steps are divided by the largest second moment so far: Reddi, Kale, Kumar (ICLR 2018).
  package let amsgrad: Bool

  /// `beta1` and `beta2` are the decays of the two moments.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false
  ) {
    moments = AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon)
    (self.weightDecay, self.amsgrad) = (weightDecay, amsgrad)
  }

  public init(_ settings: ConfigReader) throws {
    moments = try AdamMoments(settings, epsilon: 1e-8)
    weightDecay = try settings.weightDecay(default: 0)
    amsgrad = try settings.amsgrad()
  }

  public func with(weightDecay: Double) -> Self? {
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  public func state(for layout: ParameterLayout) -> [StateSlot] {
    AdamMoments.state + (amsgrad ? [AdamMoments.largest] : [])
  }

  public func prepared(step: Int, rate: Double, decays: Bool) -> Kernels.AdamStep {
    moments.step(step, rate: rate, decay: decays ? weightDecay : 0, shrink: 1)
  }

  public func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Kernels.AdamStep
  ) {
    AdamMoments.update(parameters, state: state, gradient: gradient, scale: scale, amsgrad: amsgrad, step)
  }
}

extension Optimizer where Self == Adam {
  /// See `Adam.init`.
  public static func adam(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false
  ) -> Adam {
    Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay, amsgrad: amsgrad)
  }
}
