import Kernels
import Tensors

/// How a gradient becomes a step: plain data, made from the configuration.
public enum Optimizer: Hashable, Sendable {
  /// Stochastic gradient descent as `torch.optim.SGD`: v = momentum·v + g; p -= rate·v, or Nesterov's form.
  case sgd(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0)
  /// Kingma, Ba: *Adam* (ICLR 2015); decay is added to the gradient, as `torch.optim.Adam`.
  case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0)
  /// Loshchilov, Hutter: *Decoupled weight decay* (ICLR 2019), as `torch.optim.AdamW`.
  case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01)

  /// The names of the buffers it keeps, each as long as the parameters; a checkpoint stores them under these names.
  public var stateNames: [String] {
    switch self {
    case .sgd(let momentum, _, _): momentum == 0 ? [] : ["velocity"]
    case .adam, .adamW: ["m", "v"]
    }
  }

  /// Updates a slice of the parameters, in place, from the same slice of `gradient · scale`.
  ///
  /// - Parameters:
  ///   - state: the same slice of each buffer of `stateNames`, in that order.
  ///   - scale: 1 / samples, times the clipping factor.
  ///   - rate: the learning rate of this step.
  ///   - step: from 0.
  public func update(
    _ parameters: FloatView, state: [FloatView], gradient: FloatView, scale: Float, rate: Double, step: Int
  ) {
    switch self {
    case .sgd(let momentum, let nesterov, let decay):
      Kernels.sgd(
        parameters, velocity: state.first ?? parameters[0..<0], gradient: gradient, scale: scale,
        Kernels.SGDStep(
          rate: Float(rate), momentum: Float(momentum), nesterov: nesterov, decay: Float(decay), isFirst: step == 0))
    case .adam(let beta1, let beta2, let epsilon, let decay):
      Kernels.adam(
        parameters, m: state[0], v: state[1], gradient: gradient, scale: scale,
        adamStep(rate, beta1, beta2, epsilon, decay: decay, shrink: 1, step))
    case .adamW(let beta1, let beta2, let epsilon, let decay):
      Kernels.adam(
        parameters, m: state[0], v: state[1], gradient: gradient, scale: scale,
        adamStep(rate, beta1, beta2, epsilon, decay: 0, shrink: 1 - rate * decay, step))
    }
  }

  private func adamStep(
    _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, decay: Double, shrink: Double, _ step: Int
  ) -> Kernels.AdamStep {
    // The moments decay by floats, 0.999 by 0.99900001: their corrections must be those of the same numbers. A
    // thousandth, 1 - 0.999, is off by 1.3e-5 otherwise, and so are the first steps.
    let (float1, float2) = (Float(beta1), Float(beta2))
    let rate1 = rate / (1 - power(Double(float1), step + 1))
    let root2 = (1 - power(Double(float2), step + 1)).squareRoot()
    return Kernels.AdamStep(
      rate: Float(rate1), root: Float(root2), beta1: float1, beta2: float2, epsilon: Float(epsilon),
      decay: Float(decay), shrink: Float(shrink))
  }
}

/// base^exponent by repeated squaring: the same bits on every host, unlike libm's `pow`.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
