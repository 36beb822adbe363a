import CKernels
import Tensors

extension Kernels {
  /// As `adam`, with the largest second moment so far, `most`, in the place of `v`.
  ///
  /// As `torch.optim.Adam` with `amsgrad` does. Reddi, Kale, Kumar: *On the convergence of Adam and beyond* (ICLR 2018).
  package static func amsgrad(
    _ parameters: FloatView, m: FloatView, v: FloatView, most: FloatView, gradient: FloatView, scale: Float,
    _ step: AdamStep
  ) {
    let count = parameters.count
    precondition(
      gradient.count == count && m.count == count && v.count == count && most.count == count,
      "\(count) parameters, \(m.count), \(v.count) and \(most.count) moments, \(gradient.count) gradients")
    ck_amsgrad(
      parameters.base, m.base, v.base, most.base, gradient.base, Int64(count), scale, step.rate, step.beta1, step.beta2,
      step.epsilon, step.decay, step.shrink)
  }

  /// The numbers of one step of Adagrad.
  public struct AdagradStep: Sendable {
    package var rate: Float
    /// What sums of squares begin with.
    package var initial: Float
    package var epsilon: Float
    /// Added to the gradient as `decay · parameter`.
    package var decay: Float

    package init(rate: Float, initial: Float, epsilon: Float, decay: Float) {
      (self.rate, self.initial, self.epsilon, self.decay) = (rate, initial, epsilon, decay)
    }
  }

  /// Updates `parameters` and the sums of squares `v` in place from `gradient · scale`, as `torch.optim.Adagrad` does.
  package static func adagrad(
    _ parameters: FloatView, v: FloatView, gradient: FloatView, scale: Float, _ step: AdagradStep
  ) {
    let count = parameters.count
    precondition(
      gradient.count == count && v.count == count,
      "\(count) parameters, \(v.count) sums, \(gradient.count) gradients")
    ck_adagrad(
      parameters.base, v.base, gradient.base, Int64(count), scale, step.rate, step.initial, step.epsilon, step.decay)
  }

  /// The numbers of one step of Lion.
  public struct LionStep: Sendable {
    package var rate: Float
    package var beta1: Float
    package var beta2: Float
    /// 1 - β₁ and 1 - β₂, which floats of 0.9 and 0.99 taken off 1 would give to six digits alone.
    package var rest1: Float
    package var rest2: Float
    /// Multiplies the parameter first: 1 - rate · decay.
    package var shrink: Float

    package init(rate: Float, beta1: Double, beta2: Double, shrink: Float) {
      (self.rate, self.shrink) = (rate, shrink)
      (self.beta1, self.beta2, rest1, rest2) = (Float(beta1), Float(beta2), Float(1 - beta1), Float(1 - beta2))
    }
  }

  /// Updates `parameters` and the mean `m` in place from `gradient · scale`.
  package static func lion(
    _ parameters: FloatView, m: FloatView, gradient: FloatView, scale: Float, _ step: LionStep
  ) {
    let count = parameters.count
    precondition(
      gradient.count == count && m.count == count,
      "\(count) parameters, \(m.count) means, \(gradient.count) gradients")
    ck_lion(
      parameters.base, m.base, gradient.base, Int64(count), scale, step.rate, step.beta1, step.rest1, step.beta2,
      step.rest2, step.shrink)
  }
}
