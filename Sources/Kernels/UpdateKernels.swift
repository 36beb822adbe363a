import CKernels
import Tensors

extension Kernels {
  /// The numbers of one step of stochastic gradient descent.
  public struct SGDStep: Sendable {
    package var rate: Float
    package var momentum: Float
    package var nesterov: Bool
    /// Added to the gradient as `decay · parameter`.
    package var decay: Float
    /// The velocity holds nothing yet.
    package var isFirst: Bool

    package init(rate: Float, momentum: Float, nesterov: Bool, decay: Float, isFirst: Bool) {
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
  package static func sgd(
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
    /// Learning rate · √(1 - β₂ᵗ) / (1 - β₁ᵗ)
    package var rate: Float
    package var beta1: Float
    package var beta2: Float
    /// ε · √(1 - β₂ᵗ), more than 0
    package var epsilon: Float
    /// Added to the gradient as `decay · parameter` (Adam).
    package var decay: Float
    /// Multiplies the parameter first (AdamW): 1 - rate · decay.
    package var shrink: Float

    package init(rate: Float, beta1: Float, beta2: Float, epsilon: Float, decay: Float, shrink: Float) {
      self.rate = rate
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.decay = decay
      self.shrink = shrink
    }
  }

  /// Updates `parameters` and the moments `m` and `v` in place from `gradient · scale`.
  ///
  /// As `torch.optim.Adam` and `torch.optim.AdamW` do (Kingma, Ba 2015; Loshchilov, Hutter 2019), in the order of
  /// computation that the end of the paper's section 2 proposes: the bias corrections go into rate and ε.
  package static func adam(
    _ parameters: FloatView, m: FloatView, v: FloatView, gradient: FloatView, scale: Float, _ step: AdamStep
  ) {
    precondition(
      parameters.count == gradient.count && m.count == gradient.count && v.count == gradient.count,
      "\(parameters.count) parameters, \(m.count) and \(v.count) moments, \(gradient.count) gradients")
    ck_adam(
      parameters.base, m.base, v.base, gradient.base, Int64(gradient.count), scale, step.rate, step.beta1, step.beta2,
      step.epsilon, step.decay, step.shrink)
  }

  /// The numbers of one step of RMSProp.
  public struct RMSPropStep: Sendable {
    package var rate: Float
    package var smoothing: Float
    /// 1 - smoothing, which a float of 0.99 taken off 1 would give to six digits alone.
    package var rest: Float
    package var epsilon: Float
    package var momentum: Float
    /// Added to the gradient as `decay · parameter`.
    package var decay: Float

    package init(rate: Float, smoothing: Double, epsilon: Float, momentum: Float, decay: Float) {
      self.rate = rate
      self.smoothing = Float(smoothing)
      rest = Float(1 - smoothing)
      self.epsilon = epsilon
      self.momentum = momentum
      self.decay = decay
    }
  }

  /// Updates `parameters` and the state in place from `gradient · scale`, as `torch.optim.RMSprop` does.
  ///
  /// `m` is nil where it is not centered, `velocity` where it has no momentum.
  package static func rmsProp(
    _ parameters: FloatView, v: FloatView, m: FloatView?, velocity: FloatView?, gradient: FloatView, scale: Float,
    _ step: RMSPropStep
  ) {
    let count = parameters.count
    precondition(
      v.count == count && gradient.count == count && m?.count ?? count == count && velocity?.count ?? count == count,
      "\(count) parameters, \(v.count) squares, \(gradient.count) gradients")
    ck_rmsprop(
      parameters.base, v.base, m?.base, velocity?.base, gradient.base, Int64(gradient.count), scale, step.rate,
      step.smoothing, step.rest, step.epsilon, step.momentum, step.decay)
  }

  /// The numbers of one step of LAMB.
  package struct LAMBStep: Sendable {
    /// 1 / (1 - β₁ᵗ)
    package var fix: Float
    /// √(1 - β₂ᵗ)
    package var root: Float
    package var epsilon: Float
    /// Added to the update as `decay · parameter`.
    package var decay: Float

    package init(fix: Float, root: Float, epsilon: Float, decay: Float) {
      self.fix = fix
      self.root = root
      self.epsilon = epsilon
      self.decay = decay
    }
  }

  /// Updates the moments `m` and `v` in place from `gradient · scale`, as Adam does.
  package static func lambMoments(
    m: FloatView, v: FloatView, gradient: FloatView, scale: Float, beta1: Float, beta2: Float
  ) {
    precondition(
      m.count == gradient.count && v.count == gradient.count,
      "\(m.count) and \(v.count) moments, \(gradient.count) gradients")
    ck_lamb_moments(m.base, v.base, gradient.base, Int64(gradient.count), scale, beta1, beta2)
  }

  /// The sums of the squares of `parameters` and of their update, in double.
  package static func lambSquareSums(
    _ parameters: FloatView, m: FloatView, v: FloatView, _ step: LAMBStep
  ) -> (parameters: Double, update: Double) {
    checkMoments(parameters, m, v)
    var sums = (0.0, 0.0)
    withUnsafeMutableBytes(of: &sums) {
      ck_lamb_square_sums(
        $0.assumingMemoryBound(to: Double.self).baseAddress!, parameters.base, m.base, v.base, Int64(parameters.count),
        step.fix, step.root, step.epsilon, step.decay)
    }
    return (sums.0, sums.1)
  }

  /// Moves `parameters` by their update times `rate`, in place.
  package static func lamb(_ parameters: FloatView, m: FloatView, v: FloatView, rate: Float, _ step: LAMBStep) {
    checkMoments(parameters, m, v)
    ck_lamb_apply(
      parameters.base, m.base, v.base, Int64(parameters.count), rate, step.fix, step.root, step.epsilon, step.decay)
  }

  private static func checkMoments(_ parameters: FloatView, _ m: FloatView, _ v: FloatView) {
    precondition(
      m.count == parameters.count && v.count == parameters.count,
      "\(parameters.count) parameters, \(m.count) and \(v.count) moments")
  }

  /// Moves `running` by `momentum` of its way to `sum · scale`, in place; where they are equal it keeps its bits.
  package static func runningMean(_ running: FloatView, sum: FloatView, scale: Float, momentum: Float) {
    precondition(running.count == sum.count, "\(running.count) statistics, \(sum.count) sums")
    ck_running_mean(running.base, sum.base, Int64(sum.count), scale, momentum)
  }
}
