import Foundation
import Kernels
import Tensors
import Testing

/// What a student loses by being unlike its teacher, against the plain formulas in double precision.
///
/// Tolerances: scaled logits within ±12 have arguments rounded to 1e-6, of probabilities that are at most 1, and sums of up to 100 of
/// them; the loss has the square of the temperature in front of it.
@Suite struct DistillationTests {
  static let shapes = [(1, 2), (5, 1), (4, 10), (7, 16), (3, 17), (2, 100)]

  private func softmax(_ x: [Double]) -> [Double] {
    let largest = x.max()!
    let whole = x.reduce(0) { $0 + exp($1 - largest) }
    return x.map { exp($0 - largest) / whole }
  }

  @Test(arguments: shapes)
  func classesAreSoftened(rows: Int, columns: Int) {
    let (x, t) = (uniform(rows * columns, 6), uniform(rows * columns, 6, stream: 1))
    let before = uniform(rows * columns, 1, stream: 2)
    for (temperature, share, weight) in [(1, 0.5, 1), (4, 0.7, 1), (0.5, 1, 2), (2, 0, 1), (20, 0.25, 0.5)]
      as [(Float, Float, Float)]
    {
      for valid in 0...rows {
        var (loss, expected) = (0.0, before.map(Double.init))
        for row in 0..<valid {
          let own = row * columns..<(row + 1) * columns
          let p = softmax(x[own].map { Double($0) / Double(temperature) })
          let q = softmax(t[own].map { Double($0) / Double(temperature) })
          for column in 0..<columns {
            loss += q[column] * (log(q[column]) - log(p[column]))
            let place = row * columns + column
            expected[place] =
              Double(1 - share) * expected[place]
              + Double(share * weight * temperature) * (p[column] - q[column])
          }
        }
        loss *= Double(temperature) * Double(temperature)
        let gradient = floats(before)
        let found = Kernels.distillation(
          floats(x), teacher: floats(t), rows: rows, valid: valid, temperature: temperature, share: share,
          weight: weight, gradient: gradient)
        #expect(abs(found - loss) <= 1e-5 * Double(rows) * Double(temperature * temperature), "\(found), \(loss)")
        for (found, expected) in zip(gradient.array, expected) {
          #expect(abs(Double(found) - expected) <= 4e-6 * Double(max(1, temperature * weight)))
        }
      }
    }
  }

  /// Each logit against the formula of a yes or no.
  @Test(arguments: shapes)
  func aYesOrNoIsSoftened(rows: Int, columns: Int) {
    let (x, t) = (uniform(rows * columns, 6), uniform(rows * columns, 6, stream: 1))
    let before = uniform(rows * columns, 1, stream: 2)
    func yes(_ x: Float, _ temperature: Float) -> Double { 1 / (1 + exp(-Double(x) / Double(temperature))) }
    for (temperature, share, weight) in [(1, 0.5, 1), (4, 0.7, 1.5)] as [(Float, Float, Float)] {
      for valid in 0...rows {
        var (loss, expected) = (0.0, before.map(Double.init))
        for place in 0..<valid * columns {
          let (p, q) = (yes(x[place], temperature), yes(t[place], temperature))
          loss += q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))
          expected[place] =
            Double(1 - share) * expected[place] + Double(share * weight * temperature) * (p - q) / Double(columns)
        }
        loss *= Double(temperature) * Double(temperature) / Double(columns)
        let gradient = floats(before)
        let found = Kernels.binaryDistillation(
          floats(x), teacher: floats(t), rows: rows, valid: valid, temperature: temperature, share: share,
          weight: weight, gradient: gradient)
        #expect(abs(found - loss) <= 1e-5 * Double(rows) * Double(temperature * temperature), "\(found), \(loss)")
        for (found, expected) in zip(gradient.array, expected) {
          #expect(abs(Double(found) - expected) <= 4e-6 * Double(max(1, temperature * weight)))
        }
      }
    }
  }

  /// Whoever says the same loses nothing, and is left as they are.
  @Test func nothingIsLostByLikeness() {
    let x = floats(uniform(60, 9))
    let gradient = floats(count: 60)
    #expect(Kernels.distillation(x, teacher: x, rows: 6, valid: 6, temperature: 3, share: 0.9, gradient: gradient) == 0)
    #expect(Kernels.imitation(x, teacher: x, rows: 6, valid: 6, share: 0.9, gradient: gradient) == 0)
    #expect(gradient.array.allSatisfy { $0 == 0 })
  }

  @Test(arguments: shapes)
  func numbersAreImitated(rows: Int, columns: Int) {
    let (x, t) = (uniform(rows * columns, 3), uniform(rows * columns, 3, stream: 1))
    let before = uniform(rows * columns, 1, stream: 2)
    for valid in 0...rows {
      let gradient = floats(before)
      let found = Kernels.imitation(
        floats(x), teacher: floats(t), rows: rows, valid: valid, share: 0.25, weight: 2, gradient: gradient)
      let distances = zip(x, t).prefix(valid * columns).map { Double($0) - Double($1) }
      #expect(abs(found - distances.reduce(0) { $0 + $1 * $1 } / Double(columns)) < 1e-9 * Double(rows * columns))
      for (place, value) in gradient.array.enumerated() {
        let expected =
          place < valid * columns
          ? 0.75 * Double(before[place]) + 0.25 * 2 * 2 * distances[place] / Double(columns) : Double(before[place])
        #expect(abs(Double(value) - expected) < 4e-6)
      }
    }
  }
}
