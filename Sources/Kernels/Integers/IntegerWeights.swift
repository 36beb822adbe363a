import CKernels
import Tensors

// M rows of inputs, N outputs, K numbers of a row.

/// The weights of a layer as whole numbers of 8 bits, a step an output, packed for products with rows of bytes.
///
/// `w[n,k] = clamp(nearest(W[n,k] / steps[n]), -127, 127)`, where `steps[n]` is the largest magnitude of W's row / 127. Sums of products
/// of whole numbers are exact: the same bits on every processor, in any order. `CKernelsIntegers.h` has the formulas.
package final class IntegerWeights: Sendable {
  package let outputs: Int
  package let inputs: Int
  /// What its rows of inputs are rounded by.
  package let scale: ByteScale
  private let packed: [Int8]
  private let sums: [Int32]
  /// By output: what a sum of products of bytes is worth.
  private let factors: [Float]

  /// Most numbers that a row may have, so that a sum fits into 32 bits.
  package static let mostInputs = Int(CK_INTEGER_STEPS)

  /// Rounds `weights`, N rows of K, row-major.
  package init(_ weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int, scale: ByteScale) {
    precondition(weights.count == outputs * inputs, "\(weights.count) weights for \(outputs)×\(inputs)")
    precondition(1...Self.mostInputs ~= inputs, "expected 1 to \(Self.mostInputs) inputs, found \(inputs)")
    let (packed, steps, sums) = Self.pack(weights, outputs: outputs, inputs: inputs)
    (self.packed, self.sums, factors) = (packed, sums, steps.map { $0 * scale.step })
    (self.outputs, self.inputs, self.scale) = (outputs, inputs, scale)
  }

  /// Bytes of a row of inputs as products read it.
  package var rowBytes: Int { Self.rowBytes(inputs) }
  package static func rowBytes(_ inputs: Int) -> Int { Int(ck_integer_row(Int64(inputs))) }

  /// Overwrites `rows` rows of bytes, `rowBytes` apart, with those of `x`, rows × K numbers, row-major.
  package func round(_ x: UnsafePointer<Float>, rows: Int, into bytes: UnsafeMutablePointer<UInt8>) {
    ck_integer_round(bytes, Int64(rowBytes), x, Int64(rows), Int64(inputs), scale.step, Int32(scale.zero))
  }

  /// Overwrites y, rows × N, with the products of `rows` rows of bytes, plus `bias` (N) where there is one.
  package func multiply(
    _ bytes: UnsafePointer<UInt8>, rows: Int, bias: FloatView?, into y: UnsafeMutablePointer<Float>
  ) {
    packed.withUnsafeBufferPointer { packed in
      sums.withUnsafeBufferPointer { sums in
        factors.withUnsafeBufferPointer { factors in
          var task = ck_integer_task(
            M: Int64(rows), N: Int64(outputs), K: Int64(inputs), q: bytes, row: Int64(rowBytes),
            zero: Int32(scale.zero), packed: packed.baseAddress, sums: sums.baseAddress, factors: factors.baseAddress,
            bias: bias.map { UnsafePointer($0.base) }, y: y)
          ck_integer_product(&task)
        }
      }
    }
  }

  /// Overwrites y, rows × N, with the products of x, rows × K, which is rounded first, plus `bias` (N) where there is one; `scratch` holds
  /// the bytes of the rows.
  package func multiply(_ x: FloatView, bias: FloatView?, into y: FloatView, scratch: FloatView) {
    let rows = x.count / inputs
    precondition(
      x.count == rows * inputs && y.count == rows * outputs, "\(x.count) inputs, \(y.count) outputs"
    )
    precondition(
      4 * scratch.count >= rows * rowBytes, "\(rows * rowBytes) bytes in \(scratch.count) floats")
    let bytes = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: UInt8.self)
    round(x.base, rows: rows, into: bytes)
    multiply(bytes, rows: rows, bias: bias, into: y.base)
  }

  /// Floats of memory for the bytes of so many rows of inputs.
  package static func scratch(rows: Int, inputs: Int) -> Int { (rows * rowBytes(inputs) + 3) / 4 }

  /// W as whole numbers, N rows of K, and their steps, for other programs.
  package static func rounded(
    _ weights: UnsafeBufferPointer<Float>, outputs: Int
  ) -> (numbers: [Int8], steps: [Float]) {
    let inputs = weights.count / outputs
    let (packed, steps, _) = pack(weights, outputs: outputs, inputs: inputs)
    let numbers = (0..<outputs).flatMap { n in
      (0..<inputs).map { k in packed[Int(ck_integer_place(Int64(n), Int64(k), Int64(inputs)))] }
    }
    return (numbers, steps)
  }

  /// N rows of K weights rounded and laid out for products, their steps, and the sum of each row.
  private static func pack(
    _ weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int
  ) -> (packed: [Int8], steps: [Float], sums: [Int32]) {
    var packed = [Int8](repeating: 0, count: Int(ck_integer_packed(Int64(outputs), Int64(inputs))))
    var (steps, sums) = ([Float](repeating: 0, count: outputs), [Int32](repeating: 0, count: outputs))
    ck_integer_pack(&packed, &steps, &sums, weights.baseAddress, Int64(outputs), Int64(inputs))
    return (packed, steps, sums)
  }
}
