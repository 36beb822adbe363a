import Configuration
import Kernels
import Tensors

/// You et al.: *Large batch optimization for deep learning* (ICLR 2020), algorithm 2 with φ the identity: a step of a slot
/// is as long as the slot's norm times the rate.
///
/// u = m̂ / (√v̂ + ε) + decay·p, p -= rate·ratio·u; `ratio` is ‖p‖ / ‖u‖ over a slot as it was before the step.
public struct LAMB: LayerwiseOptimizer {
  public static let kind = "lamb"
  public static let summary = "AdamW with a trust ratio for each slot, for large batches"
  public static let usualRate = 1e-3

  package let moments: AdamMoments
  package private(set) var weightDecay: Double

  /// `beta1` and `beta2` are the decays of the two moments; weight decay is apart from the gradient.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6, weightDecay: Double = 0.01) {
    moments = AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon)
    self.weightDecay = weightDecay
  }

  public init(_ settings: ConfigReader) throws {
    moments = try AdamMoments(settings, epsilon: 1e-6)
    weightDecay = try settings.weightDecay(default: 0.01)
  }

  public func with(weightDecay: Double) -> Self? {
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  public func state(for layout: ParameterLayout) -> [StateSlot] { AdamMoments.state }

  public struct Step: Sendable {
    let rate: Double
    let update: Kernels.LAMBStep
  }

  public func prepared(step: Int, rate: Double, decays: Bool) -> Step {
    let (fix, root) = moments.corrections(step)
    return Step(
      rate: rate,
      update: Kernels.LAMBStep(
        fix: Float(fix), root: Float(root), epsilon: Float(moments.epsilon), decay: decays ? Float(weightDecay) : 0))
  }

  public func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Step
  ) {
    Kernels.lambMoments(
      m: state[0], v: state[1], gradient: gradient, scale: scale, beta1: Float(moments.beta1),
      beta2: Float(moments.beta2))
  }

  public func squareSums(
    _ parameters: FloatView, state: OptimizerSlice, _ step: Step
  ) -> (parameters: Double, update: Double) {
    Kernels.lambSquareSums(parameters, m: state[0], v: state[1], step.update)
  }

  /// ‖p‖ / ‖u‖; 1 where either norm is zero.
  public func ratio(ofSlot slot: Int, parameters: Double, update: Double, replicated: [FlatBuffer]) -> Double {
    parameters > 0 && update > 0 ? (parameters / update).squareRoot() : 1
  }

  public func apply(_ parameters: FloatView, state: OptimizerSlice, ratio: Double, _ step: Step) {
    Kernels.lamb(parameters, m: state[0], v: state[1], rate: Float(step.rate * ratio), step.update)
  }
}

extension Optimizer where Self == LAMB {
  /// See `LAMB.init`.
  public static func lamb(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6, weightDecay: Double = 0.01
  ) -> LAMB {
    LAMB(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }
}
