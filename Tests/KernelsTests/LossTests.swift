import Foundation
import Kernels
import Tensors
import Testing

/// Losses and their gradients against the plain formulas in double precision.
///
/// Tolerances: the loss is summed in double, from exponentials of float: 4e-7 is six units of their last place. The
/// gradients of logits within ±12 have arguments rounded to 2e-6 at worst, hence 4e-6 of values that are at most 1.
@Suite struct LossTests {
  static let shapes = [(1, 2), (5, 1), (4, 10), (7, 16), (3, 17), (2, 100)]

  @Test(arguments: shapes)
  func crossEntropyIsTheLogarithmOfTheSoftmax(rows: Int, columns: Int) {
    let logits = uniform(rows * columns, 12)
    let classes = (0..<rows).map { Int32(($0 * 7 + 1) % columns) }
    for valid in 0...rows {
      var (loss, gradient) = (0.0, [Double](repeating: 0, count: rows * columns))
      for row in 0..<valid {
        let x = logits[row * columns..<(row + 1) * columns].map(Double.init)
        let (largest, truth) = (x.max()!, Int(classes[row]))
        let sum = x.reduce(0) { $0 + exp($1 - largest) }
        loss += log(sum) + largest - x[truth]
        for (column, x) in x.enumerated() {
          gradient[row * columns + column] = exp(x - largest) / sum - (column == truth ? 1 : 0)
        }
      }
      check(logits, loss, gradient) { logits, gradient in
        classes.withUnsafeBufferPointer {
          Kernels.softmaxCrossEntropy(logits, classes: $0, valid: valid, gradient: gradient)
        }
      }
    }
  }

  @Test(arguments: shapes)
  func binaryCrossEntropyIsTheLogarithmOfTheSigmoid(rows: Int, columns: Int) {
    let logits = uniform(rows * columns, 12)
    // Classes, and targets between them.
    let targets = (0..<rows * columns).map { [0, 1, 0.25, 0.9][$0 % 4] as Float }
    for valid in 0...rows {
      var (loss, gradient) = (0.0, [Double](repeating: 0, count: rows * columns))
      for index in 0..<valid * columns {
        let (x, t) = (Double(logits[index]), Double(targets[index]))
        loss -= (t * -log1p(exp(-x)) + (1 - t) * -log1p(exp(x))) / Double(columns)
        gradient[index] = (1 / (1 + exp(-x)) - t) / Double(columns)
      }
      check(logits, loss, gradient) {
        Kernels.binaryCrossEntropy($0, targets: floats(targets), rows: rows, valid: valid, gradient: $1)
      }
    }
  }

  @Test(arguments: shapes)
  func squaredErrorIsTheMeanOverOutputs(rows: Int, columns: Int) {
    let (outputs, targets) = (uniform(rows * columns, 3), uniform(rows * columns, 3, stream: 1))
    for valid in 0...rows {
      var (loss, gradient) = (0.0, [Double](repeating: 0, count: rows * columns))
      for index in 0..<valid * columns {
        let error = Double(outputs[index]) - Double(targets[index])
        loss += error * error / Double(columns)
        gradient[index] = 2 * error / Double(columns)
      }
      check(outputs, loss, gradient) {
        Kernels.squaredError($0, targets: floats(targets), rows: rows, valid: valid, gradient: $1)
      }
    }
  }

  /// Without a gradient, with one apart, and with one in place of the outputs: the same loss, bit for bit.
  private func check(
    _ outputs: [Float], _ expected: Double, _ gradient: [Double], _ loss: (FloatView, FloatView?) -> Double
  ) {
    let (input, apart) = (floats(outputs), floats(outputs.map { _ in .nan }))
    let found = loss(input, nil)
    #expect(abs(found - expected) <= 4e-7 * max(1, expected))
    #expect(loss(input, apart) == found)
    #expect(input.array == outputs)
    for (found, expected) in zip(apart.array, gradient) {
      #expect(abs(Double(found) - expected) <= 4e-6 * max(1, abs(expected)))
      if expected == 0 { #expect(found == 0, "an absent sample's gradient is exactly zero") }
    }
    #expect(loss(input, input) == found)
    #expect(input.array == apart.array)
  }

  @Test func largeLogitsDoNotOverflow() {
    let gradient = floats(count: 3)
    let loss = [Int32(1)].withUnsafeBufferPointer {
      Kernels.softmaxCrossEntropy(floats([2e4, -2e4, 2e4]), classes: $0, valid: 1, gradient: gradient)
    }
    // log 2 + 40,000
    #expect(abs(loss - 40_000.693_147) < 1e-3)
    #expect(gradient.array == [0.5, -1, 0.5])
    let binary = Kernels.binaryCrossEntropy(
      floats([2e4, -2e4]), targets: floats([0, 1]), rows: 2, valid: 2, gradient: gradient[0..<2])
    #expect(binary == 40_000)
    #expect(gradient.array == [1, -1, 0.5])
  }

  /// A loss that is not finite stops the run: it must come out as such, wherever it came in.
  @Test func aNaNAnywhereMakesTheLossNaN() {
    for place in 0..<20 {
      var values = uniform(20, 1)
      values[place] = .nan
      let (outputs, targets) = (floats(values), floats(uniform(20, 1, stream: 1)))
      let classes = [Int32](repeating: 2, count: 1)
      classes.withUnsafeBufferPointer {
        #expect(Kernels.softmaxCrossEntropy(outputs, classes: $0, valid: 1, gradient: nil).isNaN, "\(place)")
      }
      #expect(Kernels.squaredError(outputs, targets: targets, rows: 4, valid: 4, gradient: nil).isNaN)
      #expect(Kernels.binaryCrossEntropy(outputs, targets: targets, rows: 4, valid: 4, gradient: nil).isNaN)
    }
  }
}
