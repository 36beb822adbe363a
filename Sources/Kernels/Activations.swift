import CKernels
import Tensors

/// Functions of one element, forward and backward; both work in place.
public enum Activation: Hashable, Sendable {
  /// max(x, 0)
  case relu
  /// 1 / (1 + exp(-x))
  case sigmoid
  case tanh
  /// x Φ(x), Φ the normal distribution function. Hendrycks, Gimpel: *Gaussian error linear units* (2016).
  case gelu
  /// GELU with Φ(x) as ½ (1 + tanh(√(2/π) (x + 0.044715 x³))).
  case geluTanh
  /// x / (1 + exp(-x))
  case silu
  /// min(max(x, 0), 6)
  case relu6
  /// min(max(x + 3, 0), 6) / 6
  case hardSigmoid
  /// x · min(max(x + 3, 0), 6) / 6. Howard et al.: *Searching for MobileNetV3* (ICCV 2019).
  case hardSwish
  /// x tanh(log(1 + exp(x))). Misra: *Mish: a self regularized non-monotonic activation function* (BMVC 2020).
  case mish
  /// x where it is above 0, else α (exp(x) - 1), α at least 0. Clevert, Unterthiner, Hochreiter: *Fast and accurate deep network
  /// learning by exponential linear units* (ICLR 2016).
  case elu(alpha: Float)
  /// log(1 + exp(βx)) / β, β more than 0.
  case softplus(beta: Float)

  /// Which of its values the derivative is computed from.
  package enum Source: Sendable { case input, output }

  package var derivativeSource: Source {
    switch self {
    case .relu, .sigmoid, .tanh, .relu6, .hardSigmoid, .elu: .output
    case .gelu, .geluTanh, .silu, .hardSwish, .mish, .softplus: .input
    }
  }
}

extension Activation {
  /// Overwrites `n` floats of `y`, which may be `x`.
  func forward(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ n: Int64) {
    switch self {
    case .relu: ck_relu_forward(y, x, n)
    case .sigmoid: ck_sigmoid_forward(y, x, n)
    case .tanh: ck_tanh_forward(y, x, n)
    case .gelu: ck_gelu_forward(y, x, n)
    case .geluTanh: ck_gelu_tanh_forward(y, x, n)
    case .silu: ck_silu_forward(y, x, n)
    case .relu6: ck_relu6_forward(y, x, n)
    case .hardSigmoid: ck_hard_sigmoid_forward(y, x, n)
    case .hardSwish: ck_hard_swish_forward(y, x, n)
    case .mish: ck_mish_forward(y, x, n)
    case .elu(let alpha): ck_elu_forward(y, x, n, alpha)
    case .softplus(let beta): ck_softplus_forward(y, x, n, beta)
    }
  }

  /// Overwrites `n` floats of `dx`, which may be `dy`.
  func backward(
    _ dy: UnsafePointer<Float>, from source: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ n: Int64
  ) {
    switch self {
    case .relu: ck_relu_backward(dx, dy, source, n)
    case .sigmoid: ck_sigmoid_backward(dx, dy, source, n)
    case .tanh: ck_tanh_backward(dx, dy, source, n)
    case .gelu: ck_gelu_backward(dx, dy, source, n)
    case .geluTanh: ck_gelu_tanh_backward(dx, dy, source, n)
    case .silu: ck_silu_backward(dx, dy, source, n)
    case .relu6: ck_relu6_backward(dx, dy, source, n)
    case .hardSigmoid: ck_hard_sigmoid_backward(dx, dy, source, n)
    case .hardSwish: ck_hard_swish_backward(dx, dy, source, n)
    case .mish: ck_mish_backward(dx, dy, source, n)
    case .elu(let alpha): ck_elu_backward(dx, dy, source, n, alpha)
    case .softplus(let beta): ck_softplus_backward(dx, dy, source, n, beta)
    }
  }

  /// About how many nanoseconds a core takes for so many elements.
  func cost(_ count: Int) -> Int {
    switch self {
    case .relu, .relu6, .hardSigmoid, .hardSwish: count / 8
    case .sigmoid, .tanh, .gelu, .geluTanh, .silu, .mish, .elu, .softplus: count / 2
    }
  }
}

extension Kernels {
  /// Overwrites `y` with the activation of `x`; may alias.
  package static func forward(_ activation: Activation, _ x: FloatView, into y: FloatView) {
    precondition(x.count == y.count, "\(x.count) inputs, \(y.count) outputs")
    Crew.split(
      x.count, cost: activation.cost(x.count), unit: elementUnit, over: (activation, y.base, x.base)
    ) { task, part in
      task.0.forward(task.2 + part.lowerBound, into: task.1 + part.lowerBound, Int64(part.count))
    }
  }

  /// Overwrites `dx` with `dy` times the derivative; `dx` may alias `dy`.
  ///
  /// `source` is the forward's input or output, as `derivativeSource` says.
  package static func backward(_ activation: Activation, _ dy: FloatView, from source: FloatView, into dx: FloatView) {
    let count = source.count
    precondition(dy.count == count && dx.count == count, "\(dy.count), \(count) and \(dx.count) gradients")
    Crew.split(
      count, cost: activation.cost(count), unit: elementUnit, over: (activation, dx.base, dy.base, source.base)
    ) { task, part in
      let first = part.lowerBound
      task.0.backward(task.2 + first, from: task.3 + first, into: task.1 + first, Int64(part.count))
    }
  }

  /// Overwrites `y` with x where it is at least 0, else `slope` · x; may alias. The slope is not negative.
  package static func leakyReLU(_ x: FloatView, slope: Float, into y: FloatView) {
    precondition(x.count == y.count && slope >= 0, "\(x.count) inputs, \(y.count) outputs, slope \(slope)")
    Crew.split(
      x.count, cost: Activation.relu.cost(x.count), unit: elementUnit, over: (y.base, x.base, slope)
    ) { task, part in
      ck_leaky_relu_forward(task.0 + part.lowerBound, task.1 + part.lowerBound, Int64(part.count), task.2)
    }
  }

  /// Overwrites `dx` with `dy` where the forward's output `y` is above 0, else `slope` · dy; `dx` may alias `dy`.
  package static func leakyReLUBackward(_ dy: FloatView, output y: FloatView, slope: Float, into dx: FloatView) {
    precondition(dy.count == y.count && dx.count == y.count, "\(dy.count), \(y.count) and \(dx.count) gradients")
    Crew.split(
      y.count, cost: Activation.relu.cost(y.count), unit: elementUnit, over: (dx.base, dy.base, y.base, slope)
    ) { task, part in
      let first = part.lowerBound
      ck_leaky_relu_backward(task.0 + first, task.1 + first, task.2 + first, Int64(part.count), task.3)
    }
  }

  /// Zeroes each element of one sample with probability `rate` and divides the others by 1 - rate; may alias where both are of the
  /// same numbers.
  ///
  /// Which elements is a function of (key, layer, position of the sample in the batch, step, element) alone, so that the
  /// backward pass is the same call on the gradient.
  package static func dropout(
    _ x: TensorView, rate: Double, random: Philox, layer: Int, position: Int, step: Int, into y: TensorView
  ) {
    precondition(x.count == y.count, "\(x.count) inputs, \(y.count) outputs")
    let kept = 1 - rate
    let draw = DropoutDraw(
      threshold: UInt64((kept * 0x1p32).rounded()), scale: Float(1 / kept), key: random.key,
      layer: UInt32(truncatingIfNeeded: layer), position: UInt32(truncatingIfNeeded: position),
      step: UInt32(truncatingIfNeeded: step))
    guard case (.float32(let x), .float32(let y)) = (x, y) else {
      return inBlocks(y, x, nil, draw) { y, x, _, n, first, draw in
        draw!.assumingMemoryBound(to: DropoutDraw.self).pointee.apply(to: x!, first: first, n, into: y!)
      }
    }
    Crew.split(x.count, cost: x.count, unit: elementUnit, over: (y.base, x.base, draw)) { task, part in
      let first = part.lowerBound
      task.2.apply(to: task.1 + first, first: Int64(first), Int64(part.count), into: task.0 + first)
    }
  }
}

/// What a sample's elements are dropped by.
private struct DropoutDraw {
  let threshold: UInt64
  let scale: Float
  let key: SIMD2<UInt32>
  let layer: UInt32, position: UInt32, step: UInt32

  /// Overwrites `n` floats of `y`, which may be `x`: elements of the sample from `first` on, a multiple of 64.
  func apply(to x: UnsafePointer<Float>, first: Int64, _ n: Int64, into y: UnsafeMutablePointer<Float>) {
    ck_dropout_part(y, x, first, n, threshold, scale, key.x, key.y, layer, position, step)
  }
}
