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
  /// Hinton: *Neural networks for machine learning*, lecture 6e (2012), as `torch.optim.RMSprop`; centered, the squares
  /// are taken from the gradient's mean.
  case rmsProp(
    smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, centered: Bool = false,
    weightDecay: Double = 0)
  /// You et al.: *Large batch optimization for deep learning* (ICLR 2020), algorithm 2 with φ the identity: a step of a
  /// slot is as long as the slot's norm times the rate.
  case lamb(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6, weightDecay: Double = 0.01)

  /// The names of the buffers it keeps, each as long as the parameters; a checkpoint stores them under these names.
  public var stateNames: [String] {
    switch self {
    case .sgd(let momentum, _, _): momentum == 0 ? [] : ["velocity"]
    case .adam, .adamW, .lamb: ["m", "v"]
    case .rmsProp(_, _, let momentum, let centered, _):
      ["v"] + (centered ? ["m"] : []) + (momentum > 0 ? ["velocity"] : [])
    }
  }

  /// Updates a slice of the parameters, in place, from the same slice of `gradient · scale`.
  ///
  /// A layerwise optimizer moves its state alone; `apply` moves the parameters.
  ///
  /// - Parameters:
  ///   - state: the same slice of each buffer of `stateNames`, in that order.
  ///   - scale: 1 / weight of the batch, times the clipping factor.
  ///   - rate: the learning rate of this step.
  ///   - step: from 0.
  ///   - decays: whether its weight decay applies to this slice.
  public func update(
    _ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, rate: Double, step: Int,
    decays: Bool = true
  ) {
    let share = decays ? 1.0 : 0
    switch self {
    case .sgd(let momentum, let nesterov, let decay):
      Kernels.sgd(
        parameters, velocity: momentum == 0 ? parameters[0..<0] : state[0], gradient: gradient, scale: scale,
        Kernels.SGDStep(
          rate: Float(rate), momentum: Float(momentum), nesterov: nesterov, decay: Float(share * decay),
          isFirst: step == 0))
    case .adam(let beta1, let beta2, let epsilon, let decay):
      Kernels.adam(
        parameters, m: state[0], v: state[1], gradient: gradient, scale: scale,
        adamStep(rate, beta1, beta2, epsilon, decay: share * decay, shrink: 1, step))
    case .adamW(let beta1, let beta2, let epsilon, let decay):
      Kernels.adam(
        parameters, m: state[0], v: state[1], gradient: gradient, scale: scale,
        adamStep(rate, beta1, beta2, epsilon, decay: 0, shrink: 1 - rate * share * decay, step))
    case .rmsProp(let smoothing, let epsilon, let momentum, let centered, let decay):
      Kernels.rmsProp(
        parameters, v: state[0], m: centered ? state[1] : nil, velocity: momentum > 0 ? state[centered ? 2 : 1] : nil,
        gradient: gradient, scale: scale,
        Kernels.RMSPropStep(
          rate: Float(rate), smoothing: smoothing, epsilon: Float(epsilon), momentum: Float(momentum),
          decay: Float(share * decay)))
    case .lamb(let beta1, let beta2, _, _):
      Kernels.lambMoments(
        m: state[0], v: state[1], gradient: gradient, scale: scale, beta1: Float(beta1), beta2: Float(beta2))
    }
  }

  private func adamStep(
    _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, decay: Double, shrink: Double, _ step: Int
  ) -> Kernels.AdamStep {
    // The moments decay by floats, 0.999 by 0.99900001: their corrections must be those of the same numbers. A
    // thousandth, 1 - 0.999, is off by 1.3e-5 otherwise, and so are the first steps.
    let (float1, float2) = (Float(beta1), Float(beta2))
    let fix1 = 1 / (1 - power(Double(float1), step + 1))
    let root2 = (1 - power(Double(float2), step + 1)).squareRoot()
    // Denormals count as zero, and nothing divided by zero is no number.
    let floor = max(Float(epsilon * root2), Float.leastNormalMagnitude)
    return Kernels.AdamStep(
      rate: Float(rate * root2 * fix1), beta1: float1, beta2: float2, epsilon: floor, decay: Float(decay),
      shrink: Float(shrink))
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
