import CKernels
import Tensors

/// Functions of one element, forward and backward; the backward needs the forward's output only, and both work in place.
public enum Activation: String, Sendable, CaseIterable {
  /// max(x, 0)
  case relu
  /// 1 / (1 + exp(-x))
  case sigmoid
  case tanh
}

extension Kernels {
  /// Overwrites `y` with the activation of `x`; may alias.
  public static func forward(_ activation: Activation, _ x: FloatView, into y: FloatView) {
    precondition(x.count == y.count, "\(x.count) inputs, \(y.count) outputs")
    let count = Int64(x.count)
    switch activation {
    case .relu: ck_relu_forward(y.base, x.base, count)
    case .sigmoid: ck_sigmoid_forward(y.base, x.base, count)
    case .tanh: ck_tanh_forward(y.base, x.base, count)
    }
  }

  /// Overwrites `dx` with `dy` times the derivative, from the forward's output `y`; `dx` may alias `dy`.
  public static func backward(_ activation: Activation, _ dy: FloatView, output y: FloatView, into dx: FloatView) {
    precondition(dy.count == y.count && dx.count == y.count, "\(dy.count), \(y.count) and \(dx.count) gradients")
    let count = Int64(y.count)
    switch activation {
    case .relu: ck_relu_backward(dx.base, dy.base, y.base, count)
    case .sigmoid: ck_sigmoid_backward(dx.base, dy.base, y.base, count)
    case .tanh: ck_tanh_backward(dx.base, dy.base, y.base, count)
    }
  }

  /// Zeroes each element of one sample with probability `rate` and divides the others by 1 - rate; may alias.
  ///
  /// Which elements is a function of (key, layer, position of the sample in the batch, step, element) alone, so that the
  /// backward pass is the same call on the gradient.
  public static func dropout(
    _ x: FloatView, rate: Double, random: Philox, layer: Int, position: Int, step: Int, into y: FloatView
  ) {
    precondition(x.count == y.count, "\(x.count) inputs, \(y.count) outputs")
    let kept = 1 - rate
    ck_dropout(
      y.base, x.base, Int64(x.count), UInt64((kept * 0x1p32).rounded()), Float(1 / kept), random.key.x, random.key.y,
      UInt32(truncatingIfNeeded: layer), UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: step))
  }
}
