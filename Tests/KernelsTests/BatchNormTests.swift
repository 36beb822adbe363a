import Kernels
import Tensors
import Testing

/// Batch normalisation against its definition in double.
@Suite struct BatchNormTests {
  /// Rows and channels: few and many of both, and a mean far from zero, where a one-pass variance would fail.
  static let cases: [(rows: Int, channels: Int, offset: Float)] = [
    (1, 3, 0), (2, 1, 0), (7, 5, 0), (33, 16, 0), (500, 17, 0), (64, 80, 0), (300, 4, 1000),
  ]

  /// 2⁻²³ of the mean, a float's rounding and that of a block's sum, scaled by what it is measured in.
  @Test(arguments: cases)
  func momentsAreThoseOfTheDefinition(rows R: Int, channels C: Int, offset: Float) {
    let x = uniform(R * C, 1, stream: 1).map { $0 + offset }
    let (mean, variance) = (floats(count: C), floats(count: C))
    let scratch = floats(count: Kernels.batchNormScratch(channels: C))
    Kernels.batchMoments(floats(x), mean: mean, variance: variance, scratch: scratch)
    for c in 0..<C {
      let column = (0..<R).map { Double(x[$0 * C + c]) }
      let expected = column.reduce(0, +) / Double(R)
      let squares: [Double] = column.map { ($0 - expected) * ($0 - expected) }
      let spread = squares.reduce(0, +) / Double(R)
      #expect(abs(Double(mean[c]) - expected) < 0x1p-22 * (1 + abs(expected)))
      let bound: Double = 0x1p-20 * (1 + abs(Double(offset)) * 0x1p-10)
      #expect(abs(Double(variance[c]) - spread) < bound)
    }
  }

  /// 1e-5 against gradients of order one: a few roundings, multiplied by an inverse deviation of about two.
  @Test(arguments: cases.filter { $0.rows > 1 && $0.offset == 0 })
  func backwardIsThatOfTheDefinition(rows R: Int, channels C: Int, offset: Float) {
    let (x, dy) = (uniform(R * C, 1, stream: 1), uniform(R * C, 1, stream: 2))
    let (mean, inverse) = (uniform(C, 0.1, stream: 3), uniform(C, 0.1, stream: 4).map { $0 + 1.5 })
    let scale = uniform(C, 1, stream: 5)
    let (dscale, dshift, dx) = (floats(count: C), floats(count: C), floats(dy))
    Kernels.batchNormBackward(
      dx, x: floats(x), mean: floats(mean), inverse: floats(inverse), scale: floats(scale), dscale: dscale,
      dshift: dshift, dx: dx, scratch: floats(count: Kernels.batchNormScratch(channels: C)))
    for c in 0..<C {
      let rows = (0..<R).map { $0 * C + c }
      let (μ, i) = (Double(mean[c]), Double(inverse[c]))
      let sum = rows.reduce(0.0) { $0 + Double(dy[$1]) }
      let product = rows.reduce(0.0) { $0 + Double(dy[$1]) * (Double(x[$1]) - μ) * i }
      let tolerance = 1e-5 * Double(R).squareRoot()
      #expect(abs(Double(dshift[c]) - sum) < tolerance && abs(Double(dscale[c]) - product) < tolerance)
      for row in rows {
        let normal = (Double(x[row]) - μ) * i
        let expected = Double(scale[c]) * i * (Double(dy[row]) - sum / Double(R) - normal * product / Double(R))
        #expect(abs(Double(dx[row]) - expected) < 1e-5)
      }
    }
  }
}
