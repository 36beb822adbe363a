import CKernels
import Kernels
import Tensors
import Testing

/// Aligned floats that live as long as the process.
///
/// Views keep their memory alive, pointers do not: a temporary would be gone before the C function that got its `base`
/// is called.
func floats(_ values: [Float]) -> FloatView {
  let view = floats(count: values.count)
  view.assign(values)
  return view
}

/// `count` zeros, as `floats(_:)` keeps them.
func floats(count: Int) -> FloatView { Unmanaged.passRetained(FlatBuffer(count: count)).takeUnretainedValue().view }

/// The result of a kernel that overwrites its second argument with a function of the first.
func apply(_ kernel: (FloatView, FloatView) -> Void, _ values: [Float]) -> [Float] {
  let y = floats(count: values.count)
  kernel(floats(values), y)
  return y.array
}

/// Runs `body` with the products and convolutions of one instruction set, in this thread.
func onPath<Result>(_ path: Int32, _ body: () -> Result) -> Result {
  ck_product_use_here(path)
  defer { ck_product_use_here(-1) }
  return body()
}

/// `count` numbers in ±`limit`, the same on every host.
func uniform(_ count: Int, _ limit: Float, stream: UInt64 = 0) -> [Float] {
  let random = Philox(key: SIMD2(12, 34))
  return (0..<count).map { index in
    let word = random.block(stream: stream, index: UInt64(index)).x
    return (Float(word >> 8) * 0x1p-23 - 1) * limit
  }
}

/// How far a float is from the true value, in units of the last place of the float next to it.
///
/// Half a unit is the best a float can do. Results below the smallest normal number are measured in its units: the
/// library lets denormals count as zero.
func ulps(_ found: Float, from expected: Double) -> Double {
  let unit = max(Float(abs(expected)), .leastNormalMagnitude).ulp
  return abs(Double(found) - expected) / Double(unit)
}

extension AttentionKernel {
  /// Of floats.
  func forward(
    _ qkv: FloatView, heads: Range<Int>? = nil, positions: Range<Int>? = nil, into outputs: FloatView,
    statistics: FloatView, scratch: FloatView
  ) {
    forward(
      .float32(qkv), heads: heads, positions: positions, into: .float32(outputs), statistics: statistics,
      scratch: scratch)
  }

  /// Of floats.
  func backward(
    _ doutputs: FloatView, qkv: FloatView, statistics: FloatView, heads: Range<Int>? = nil, into dqkv: FloatView,
    scratch: FloatView
  ) {
    backward(doutputs, qkv: .float32(qkv), statistics: statistics, heads: heads, into: dqkv, scratch: scratch)
  }
}

extension Activation {
  /// One of each, with settings that are not the usual ones.
  static let all: [Activation] = [
    .relu, .sigmoid, .tanh, .gelu, .geluTanh, .silu, .relu6, .hardSigmoid, .hardSwish, .mish, .elu(alpha: 1.5),
    .softplus(beta: 1.5),
  ]
}
