import Configuration
import Kernels
import Tensors

/// The running means of a gradient and of its square, and the corrections of their beginning at zero.
///
/// Kingma, Ba: *Adam* (ICLR 2015), section 2.
public struct AdamMoments: Hashable, Sendable {
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double

  /// The buffers that hold them, in order.
  static let state = [StateSlot.sharded("m"), .sharded("v")]
  /// Of AMSGrad, behind them.
  static let largest = StateSlot.sharded("v-largest")

  /// Decays of the two moments, in 0..<1, and what is added to the root of the second.
  public init(beta1: Double, beta2: Double, epsilon: Double) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
  }

  init(_ settings: ConfigReader, epsilon value: Double) throws {
    beta1 = try settings.beta("beta1", default: 0.9)
    beta2 = try settings.beta("beta2", default: 0.999)
    epsilon = try settings.epsilon(default: value)
  }

  /// What step `step`, from 0, multiplies the means by: 1 / (1 - β₁ᵗ), and √(1 - β₂ᵗ), by which their root is divided.
  ///
  /// The moments decay by floats, 0.999 by 0.99900001: their corrections must be those of the same numbers. A
  /// thousandth, 1 - 0.999, is off by 1.3e-5 otherwise, and so are the first steps.
  func corrections(_ step: Int) -> (fix: Double, root: Double) {
    (
      1 / (1 - power(Double(Float(beta1)), step + 1)),
      (1 - power(Double(Float(beta2)), step + 1)).squareRoot()
    )
  }

  /// What Adam and AdamW write of a slice.
  static func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, amsgrad: Bool,
    _ step: Kernels.AdamStep
  ) {
    if amsgrad {
      Kernels.amsgrad(
        parameters, m: state[0], v: state[1], most: state[2], gradient: gradient, scale: scale, step)
    } else {
      Kernels.adam(parameters, m: state[0], v: state[1], gradient: gradient, scale: scale, step)
    }
  }

  /// A step of Adam or AdamW.
  func step(_ step: Int, rate: Double, decay: Double, shrink: Double) -> Kernels.AdamStep {
    let (fix, root) = corrections(step)
    // Denormals count as zero, and nothing divided by zero is no number.
    let floor = max(Float(epsilon * root), Float.leastNormalMagnitude)
    return Kernels.AdamStep(
      rate: Float(rate * root * fix), beta1: Float(beta1), beta2: Float(beta2), epsilon: floor, decay: Float(decay),
      shrink: Float(shrink))
  }
}
