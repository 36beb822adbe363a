import CKernels
import Kernels
import Tensors

/// Numbers in memory of their own, not at its beginning, with others around them that nobody is to read or write.
struct GuardedTensor {
  let view: TensorView
  private let around: [TensorView]
  private static let guards = 9
  /// A quiet NaN that no kernel makes.
  private static let guardBits: UInt32 = 0x7fd5_0000

  /// The values, rounded where they are to be of bfloat16 numbers; they begin `offset` numbers behind a 64-byte boundary.
  init(_ values: [Float], _ format: NumberFormat, offset: Int = 0) {
    let count = values.count + offset + Self.guards
    let all = TensorView(floats(count: format.floats(count)), format, count: count)
    view = all[offset..<offset + values.count]
    around = [all[0..<offset], all[offset + values.count..<count]]
    switch view {
    case .float32(let view): view.assign(values)
    case .bfloat16(let view): ck_bfloat16_round(view.base, values, Int64(values.count))
    }
    for guards in around {
      for place in 0..<guards.count {
        switch guards {
        case .float32(let view): view[place] = Float(bitPattern: Self.guardBits)
        case .bfloat16(let view): view.base[place] = UInt16(Self.guardBits >> 16)
        }
      }
    }
  }

  /// Memory for as many numbers, which a kernel overwrites.
  init(count: Int, _ format: NumberFormat, offset: Int = 0) {
    self.init([Float](repeating: .nan, count: count), format, offset: offset)
  }

  /// Whether what lies around is as it was.
  var isGuarded: Bool { around.flatMap(\.array).allSatisfy { $0.bitPattern == Self.guardBits } }
}

/// The values as bfloat16 has them.
func rounded(_ values: [Float]) -> [Float] { GuardedTensor(values, .bfloat16).view.array }

/// The bits of numbers, in which all NaNs are equal: which of them survives is the processor's choice.
func bitsButNaN(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } }

// Kernels of tensors, on floats.

extension Kernels {
  static func maxPool(_ x: FloatView, shape: PoolingShape, into y: FloatView, places: FloatView) {
    maxPool(.float32(x), shape: shape, into: .float32(y), places: places)
  }

  static func maxPoolBackward(_ dy: FloatView, places: FloatView, shape: PoolingShape, into dx: FloatView) {
    maxPoolBackward(.float32(dy), places: places, shape: shape, into: .float32(dx))
  }

  static func averagePool(_ x: FloatView, shape: PoolingShape, into y: FloatView) {
    averagePool(.float32(x), shape: shape, into: .float32(y))
  }

  static func averagePoolBackward(_ dy: FloatView, shape: PoolingShape, into dx: FloatView) {
    averagePoolBackward(.float32(dy), shape: shape, into: .float32(dx))
  }

  static func dropout(
    _ x: FloatView, rate: Double, random: Philox, layer: Int, position: Int, step: Int, into y: FloatView
  ) {
    dropout(
      .float32(x), rate: rate, random: random, layer: layer, position: position, step: step, into: .float32(y))
  }

  static func batchMoments(_ x: FloatView, mean: FloatView, variance: FloatView, scratch: FloatView) {
    batchMoments(.float32(x), mean: mean, variance: variance, scratch: scratch)
  }

  static func batchNormBackward(
    _ dy: FloatView, x: FloatView, mean: FloatView, inverse: FloatView, scale: FloatView, dscale: FloatView,
    dshift: FloatView, dx: FloatView?, scratch: FloatView
  ) {
    batchNormBackward(
      .float32(dy), x: .float32(x), mean: mean, inverse: inverse, scale: scale, dscale: dscale, dshift: dshift,
      dx: dx.map { .float32($0) }, scratch: scratch)
  }
}

extension ConvolutionKernel {
  func forward(_ x: FloatView, weight: FloatView, bias: FloatView?, into y: FloatView, scratch: FloatView) {
    forward(.float32(x), weight: weight, bias: bias, into: .float32(y), scratch: scratch)
  }

  func backward(
    _ x: FloatView, _ dy: FloatView, weight: FloatView, into dweight: FloatView, _ dbias: FloatView?, _ dx: FloatView?,
    scratch: FloatView
  ) {
    backward(
      .float32(x), .float32(dy), weight: weight, into: dweight, dbias, dx.map { .float32($0) }, scratch: scratch)
  }

  func backwardData(_ dy: FloatView, weight: FloatView, into dx: FloatView, scratch: FloatView) {
    backwardData(.float32(dy), weight: weight, into: .float32(dx), scratch: scratch)
  }

  func backwardWeights(
    _ x: FloatView, _ dy: FloatView, weight dweight: FloatView, bias dbias: FloatView?, scratch: FloatView
  ) {
    backwardWeights(.float32(x), .float32(dy), weight: dweight, bias: dbias, scratch: scratch)
  }
}
