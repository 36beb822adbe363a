import CKernels
import Tensors

extension Kernels {
  /// The numbers of one step of stochastic gradient descent.
  public struct SGDStep: Sendable {
    public var rate: Float
    public var momentum: Float
    public var nesterov: Bool
    /// Added to the gradient as `decay · parameter`.
    public var decay: Float
    /// The velocity holds nothing yet.
    public var isFirst: Bool

    public init(rate: Float, momentum: Float, nesterov: Bool, decay: Float, isFirst: Bool) {
      self.rate = rate
      self.momentum = momentum
      self.nesterov = nesterov
      self.decay = decay
      self.isFirst = isFirst
    }
  }

  /// Updates `parameters` and `velocity` in place from `gradient · scale`, as `torch.optim.SGD` does.
  ///
  /// `velocity` is not touched where momentum is 0, and may then be empty.
  public static func sgd(
    _ parameters: FloatView, velocity: FloatView, gradient: FloatView, scale: Float, _ step: SGDStep
  ) {
    precondition(parameters.count == gradient.count, "\(parameters.count) parameters, \(gradient.count) gradients")
    precondition(step.momentum == 0 || velocity.count == gradient.count, "velocity holds \(velocity.count) floats")
    ck_sgd(
      parameters.base, velocity.base, gradient.base, Int64(gradient.count), scale, step.rate, step.momentum,
      step.nesterov ? 1 : 0, step.decay, step.isFirst ? 1 : 0)
  }

  /// The numbers of one step of Adam or AdamW.
  public struct AdamStep: Sendable {
    /// Learning rate / (1 - β₁ᵗ)
    public var rate: Float
    /// √(1 - β₂ᵗ)
    public var root: Float
    public var beta1: Float
    public var beta2: Float
    public var epsilon: Float
    /// Added to the gradient as `decay · parameter` (Adam).
    public var decay: Float
    /// Multiplies the parameter first (AdamW): 1 - rate · decay.
    public var shrink: Float

    public init(
      rate: Float, root: Float, beta1: Float, beta2: Float, epsilon: Float, decay: Float, shrink: Float
    ) {
      self.rate = rate
      self.root = root
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.decay = decay
      self.shrink = shrink
    }
  }

  /// Updates `parameters` and the moments `m` and `v` in place from `gradient · scale`.
  ///
  /// As `torch.optim.Adam` and `torch.optim.AdamW` do (Kingma, Ba 2015; Loshchilov, Hutter 2019).
  public static func adam(
    _ parameters: FloatView, m: FloatView, v: FloatView, gradient: FloatView, scale: Float, _ step: AdamStep
  ) {
    precondition(
      parameters.count == gradient.count && m.count == gradient.count && v.count == gradient.count,
      "\(parameters.count) parameters, \(m.count) and \(v.count) moments, \(gradient.count) gradients")
    ck_adam(
      parameters.base, m.base, v.base, gradient.base, Int64(gradient.count), scale, step.rate, step.root, step.beta1,
      step.beta2, step.epsilon, step.decay, step.shrink)
  }
}
