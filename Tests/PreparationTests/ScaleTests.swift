import Configuration
import Goldens
import Tensors
import Testing

@testable import Preparation

/// Scales, what stands in for missing numbers, and quantiles, as scikit-learn and NumPy have them.
@Suite struct ScaleTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let train: [Double], other: [Double]
    let scales: [String: [Double]]
    let fills: [String: Double]
    let clip: [Double]
    var testDescription: String { name }
  }
  struct File: Decodable { let cases: [Case] }

  static let cases = try! golden("columns.json", as: File.self).cases

  /// Relative to the larger of 1 and the expected magnitude.
  private func distance(_ found: Double, _ expected: Double) -> Double { abs(found - expected) / max(1, abs(expected)) }

  @Test(arguments: cases) func scales(_ sample: Case) throws {
    for kind in numberScaleKinds.all {
      let expected = try #require(sample.scales[kind.kind], "\(kind.kind) has no golden")
      let scale = try kind.init(ConfigReader(yaml: "a: b", file: "scale"))
      let fitted = FittedColumn(numbers: scale.fitted(on: NumberStream(sample.train)))
      var found = sample.other
      try scale.fittedScale(fitted).apply(to: &found)
      for (place, pair) in zip(found, expected).enumerated() {
        // Seconds since 1970 lose seven digits where a mean is taken off. Where quantiles are equal but for a rounding, the
        // place among them is one of 399 apart.
        let isTied = sample.name == "ties" && kind.kind == QuantileScale.kind
        let tolerance = sample.name == "far" ? 1e-9 : isTied ? 2.1 / 399 : 1e-12
        #expect(distance(pair.0, pair.1) < tolerance, "\(kind.kind) of \(sample.other[place])")
      }
    }
  }

  @Test(arguments: cases) func fills(_ sample: Case) throws {
    for (word, expected) in sample.fills {
      let missing = try MissingNumber(ConfigReader(yaml: "missing: \(word)", file: "fill"))
      let found = missing.value(NumberStream(sample.train))
      #expect(distance(found, expected) < 1e-12, "\(word)")
    }
    let quantiles = Statistics.quantiles([0.01, 0.05, 0.5, 0.9], of: NumberStream(sample.train))
    for (found, expected) in zip(quantiles, sample.clip) { #expect(distance(found, expected) < 1e-12) }
  }

  /// Of one of eight at once.
  private func turn(_ t: Double) -> (sin: Double, cos: Double) {
    var all = SIMD8(0.1, 0.9, 0.3, 0.5, 0.625, 0.875, 0, 2.7)
    let lane = Int(t.bitPattern >> 20 & 7)
    all[lane] = t
    let (sine, cosine) = PortableMath.turn(all)
    return (sine[lane], cosine[lane])
  }

  /// One of the platform's functions may be a unit in the last place apart.
  @Test func portableMath() {
    for step in -4000...4000 {
      let t = Double(step) / 777.7
      let (sine, cosine) = turn(t)
      #expect(abs(sine - _sin(2 * .pi * t)) < 1e-14 && abs(cosine - _cos(2 * .pi * t)) < 1e-14, "\(t)")
    }
    #expect(turn(0.5).sin.sign == .minus && turn(0.25).cos.sign == .minus && turn(0).sin.sign == .plus)
    for exponent in -60...1000 {
      for factor in [1.0, 1.25, 1.5, 1.99] {
        let x = factor * _pow2(exponent)
        let (found, expected) = (PortableMath.signedLog1p(x), _log1p(x))
        #expect(abs(found - expected) <= 4e-16 * expected, "\(x)")
        #expect(PortableMath.signedLog1p(-x) == -found)
      }
    }
    #expect(PortableMath.signedLog1p(0) == 0 && turn(0.25) == (1, 0) && turn(3) == (0, 1))
  }
}
