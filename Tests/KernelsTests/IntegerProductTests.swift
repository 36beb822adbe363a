import CKernels
import Kernels
import Tensors
import Testing

/// Products of whole numbers against their definition, bit for bit, on every path.
@Suite struct IntegerProductTests {
  struct Extents: CustomStringConvertible {
    let M: Int, N: Int, K: Int
    var description: String { "\(M)×\(K) · \(K)×\(N)" }
  }

  /// Every row count of a tile and block, columns and steps that leave a part of a panel or a group, and drawn ones.
  static let extents: [Extents] = {
    var draws = Draws(seed: 14)
    let edges = (1...13).map { Extents(M: $0, N: 7 * $0 % 37 + 1, K: 5 * $0 % 19 + 1) }
    let blocks = [(95, 33, 64), (96, 16, 4), (97, 17, 3), (193, 32, 65), (1, 64, 300), (300, 1, 1)]
    return edges + blocks.map { Extents(M: $0.0, N: $0.1, K: $0.2) }
      + (0..<60).map { _ in Extents(M: draws(120) + 1, N: draws(80) + 1, K: draws(200) + 1) }
  }()

  @Test(arguments: extents)
  func everyPathIsTheDefinition(_ extents: Extents) {
    let (M, N, K) = (extents.M, extents.N, extents.K)
    let (x, W, bias) = (uniform(M * K, 3), uniform(N * K, 0.5, stream: 1), floats(uniform(N, 2, stream: 2)))
    for scale in [ByteScale(limit: 2, isSigned: true), ByteScale(limit: 2.5, isSigned: false)] {
      let weights = W.withUnsafeBufferPointer { IntegerWeights($0, outputs: N, inputs: K, scale: scale) }
      let (rounded, steps) = W.withUnsafeBufferPointer { IntegerWeights.rounded($0, outputs: N) }
      // Rows lie beside memory that holds something.
      var bytes = [UInt8](repeating: 0xab, count: M * weights.rowBytes)
      weights.round(x, rows: M, into: &bytes)
      let hasBias = K % 2 == 0
      let expected = (0..<M * N).map { place -> UInt32 in
        let (m, n) = (place / N, place % N)
        let sum = (0..<K).reduce(0) { sum, k in
          sum + (Self.rounded(x[m * K + k], scale) - scale.zero) * Int(rounded[n * K + k])
        }
        let factor = steps[n] * scale.step
        return (hasBias ? bias[n] : 0).addingProduct(Float(sum), factor).bitPattern
      }
      for path in ProductDraws.paths {
        let found = onPath(path) { () -> [UInt32] in
          var y = [Float](repeating: .nan, count: M * N)
          weights.multiply(bytes, rows: M, bias: hasBias ? bias : nil, into: &y)
          return y.map(\.bitPattern)
        }
        #expect(found == expected, "\(extents) on path \(path)")
      }
    }
  }

  /// The definition, in double precision, of a quotient that is rounded as a float.
  static func rounded(_ x: Float, _ scale: ByteScale) -> Int {
    guard !x.isNaN else { return 0 }
    let nearest = (x / scale.step).rounded(.toNearestOrEven)
    return Int(min(max(nearest, Float(-scale.zero)), Float(255 - scale.zero))) + scale.zero
  }

  /// Halves go to the even number; what is far or no number goes to an end.
  @Test func roundsAsTheFormulaSays() {
    let numbers: [Float] = [
      0, -0, 0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127, 127.5, 128, 1e9, -126.5, -127.5, -128.5, -1e9, .infinity,
      -.infinity, .nan, 1e-42,
    ]
    let weights = [Float](repeating: 1, count: numbers.count).withUnsafeBufferPointer {
      IntegerWeights($0, outputs: 1, inputs: numbers.count, scale: ByteScale(step: 1, zero: 128))
    }
    var bytes = [UInt8](repeating: 0xab, count: weights.rowBytes)
    weights.round(numbers, rows: 1, into: &bytes)
    let expected: [UInt8] = [
      128, 128, 128, 130, 130, 128, 126, 254, 255, 255, 255, 255, 2, 0, 0, 0, 255, 0, 0, 128,
    ]
    #expect(Array(bytes.prefix(numbers.count)) == expected)
    #expect(bytes.dropFirst(numbers.count).allSatisfy { $0 == 0 })
  }

  /// A row's largest magnitude becomes 127; a row of zeros, or of numbers too small to be divided, stays zero.
  @Test func weightsHaveAStepEachRow() {
    let W: [Float] = [1, -2, 0.5, 0, 0, 0, 1e-40, 0, -1e-40, -3, 3, 1]
    let (numbers, steps) = W.withUnsafeBufferPointer { IntegerWeights.rounded($0, outputs: 4) }
    #expect(numbers == [64, -127, 32, 0, 0, 0, 0, 0, 0, -127, 127, 42])
    #expect(steps == [2 / 127, 1, 1, 3 / 127])
  }

  /// The largest sums that there can be fit.
  @Test func theLongestRowDoesNotOverflow() {
    let K = IntegerWeights.mostInputs
    let weights = [Float](repeating: -1, count: K).withUnsafeBufferPointer {
      IntegerWeights($0, outputs: 1, inputs: K, scale: ByteScale(step: 1, zero: 0))
    }
    let bytes = [UInt8](repeating: 255, count: weights.rowBytes)
    for path in ProductDraws.paths {
      var y: Float = 0
      onPath(path) { weights.multiply(bytes, rows: 1, bias: nil, into: &y) }
      #expect(y == Float(-255 * 127 * K) * (1 / 127), "path \(path)")
    }
  }
}
