import Foundation
import Kernels
import Tensors
import Testing

/// Layer norm, softmax and embedding against the plain formulas in double precision.
///
/// Tolerance, where none is given: 1e-5, some dozens of roundings of 6e-8 of numbers of at most 10.
@Suite struct SequenceTests {
  static let tolerance = 1e-5

  /// Widths around the 16 partial sums.
  @Test(arguments: [1, 3, 16, 17, 50, 128])
  func layerNormIsThatOfDoubles(width: Int) {
    let (rows, epsilon) = (4, 1e-3)
    let (x, dy) = (uniform(rows * width, 3, stream: 1), uniform(rows * width, 1, stream: 2))
    let (gamma, beta) = (uniform(width, 2, stream: 3), uniform(width, 2, stream: 4))
    let (y, dx, statistics) = (floats(count: x.count), floats(count: x.count), floats(count: 2 * rows))
    let (dgamma, dbeta) = (floats([Float](repeating: 9, count: width)), floats([Float](repeating: 9, count: width)))
    let (input, scale) = (floats(x), floats(gamma))
    Kernels.layerNorm(
      input, gamma: scale, beta: floats(beta), epsilon: Float(epsilon), statistics: statistics, into: y)
    Kernels.layerNormBackward(
      floats(dy), x: input, gamma: scale, statistics: statistics, dgamma: dgamma, dbeta: dbeta, into: dx)

    var (expectedScale, expectedShift) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for row in 0..<rows {
      let part = row * width..<(row + 1) * width
      let values = x[part].map(Double.init)
      let mean = values.reduce(0, +) / Double(width)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let inverse = 1 / (variance + epsilon).squareRoot()
      let h = values.map { ($0 - mean) * inverse }
      let g = part.map { Double(dy[$0]) * Double(gamma[$0 - part.lowerBound]) }
      let (shift, tilt) = (g.reduce(0, +) / Double(width), zip(g, h).reduce(0) { $0 + $1.0 * $1.1 } / Double(width))
      for d in 0..<width {
        expectNear(y[part.lowerBound + d], h[d] * Double(gamma[d]) + Double(beta[d]), "output \(row), \(d)")
        expectNear(
          dx[part.lowerBound + d], inverse * (g[d] - shift - h[d] * tilt), "gradient \(row), \(d)", scale: inverse)
        expectedScale[d] += Double(dy[part.lowerBound + d]) * h[d]
        expectedShift[d] += Double(dy[part.lowerBound + d])
      }
    }
    for d in 0..<width {
      expectNear(dgamma[d], expectedScale[d], "scale \(d)")
      expectNear(dbeta[d], expectedShift[d], "shift \(d)")
    }
  }

  @Test(arguments: [1, 7, 16, 40])
  func softmaxBackwardIsTheDerivativeAndWorksInPlace(columns: Int) {
    let y = apply({ Kernels.softmax($0, columns: columns, into: $1) }, uniform(3 * columns, 5))
    let dy = uniform(3 * columns, 1, stream: 1)
    let (output, dx, inPlace) = (floats(y), floats(count: 3 * columns), floats(dy))
    Kernels.softmaxBackward(inPlace, output: output, columns: columns, into: dx)
    Kernels.softmaxBackward(inPlace, output: output, columns: columns, into: inPlace)
    #expect(inPlace.array == dx.array)
    for index in y.indices {
      let row = index / columns * columns..<(index / columns + 1) * columns
      let mean = row.reduce(0) { $0 + Double(y[$1]) * Double(dy[$1]) }
      expectNear(dx[index], Double(y[index]) * (Double(dy[index]) - mean), "\(index)")
    }
  }

  /// A token that occurs twice gathers two gradients, one that does not occur gets zero, whatever was there before.
  @Test func embeddingCopiesRowsAndAddsTheirGradients() {
    let (table, tokens) = (floats([1, 2, 3, 4, 5, 6]), floats([2, 0, 2]))
    let (y, dtable) = (floats(count: 6), floats([Float](repeating: .nan, count: 6)))
    Kernels.embed(tokens, table: table, width: 2, into: y)
    #expect(y.array == [5, 6, 1, 2, 5, 6])
    Kernels.embedBackward(floats([1, 2, 3, 4, 5, 6]), tokens: tokens, width: 2, into: dtable)
    #expect(dtable.array == [3, 4, 0, 0, 6, 8])
  }

  private func expectNear(_ found: Float, _ expected: Double, _ what: String, scale: Double = 1) {
    if abs(Double(found) - expected) > Self.tolerance * max(1, scale) {
      Issue.record("\(what): expected \(expected), found \(found)")
    }
  }
}
