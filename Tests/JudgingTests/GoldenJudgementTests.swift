import Judging
import Metrics
import Testing

/// Metrics and curves against scikit-learn's.
@Suite struct GoldenJudgementTests {
  private let goldens: JudgementGoldens

  init() throws { goldens = try JudgementGoldens.read() }

  /// 1e-12: sums of hundreds of numbers, in another order; R² far from zero loses what scikit-learn's own sums do.
  private func compare(
    _ found: Judgement, _ expected: [String: Double?], _ name: String, within tolerance: Double = 1e-12
  ) {
    for (key, expected) in expected.sorted(by: { $0.key < $1.key }) {
      guard let figure = found.figures[key] else {
        Issue.record("\(name): \(key) is missing")
        continue
      }
      switch (figure.value, expected) {
      case (.value(let value), let expected?):
        let isNear = abs(value - expected) <= tolerance * max(1, abs(expected))
        #expect(isNear, "\(name): \(key): expected \(expected), found \(value)")
      case (.undefined(let reason), nil): #expect(!reason.isEmpty)
      default: Issue.record("\(name): \(key): expected \(expected as Any), found \(figure.value)")
      }
    }
  }

  @Test func figuresOfClassesAreScikitLearns() throws {
    #expect(goldens.classes.count == 15)
    let judge = Judge(ClassCase.metrics, resamples: Resamples(count: 0))
    for golden in goldens.classes {
      #expect(golden.metrics.count >= 17)
      compare(judge.judge(try golden.judged()), golden.metrics, golden.name)
    }
  }

  @Test func figuresOfNumbersAreScikitLearns() throws {
    #expect(goldens.numbers.count == 7)
    let judge = Judge(NumberCase.metrics, resamples: Resamples(count: 0))
    for golden in goldens.numbers {
      #expect(golden.metrics.count == 8)
      compare(judge.judge(try golden.judged()), golden.metrics, golden.name, within: 1e-9)
    }
  }

  /// All points of scikit-learn's curves lie on ours, which have fewer.
  @Test func curvesAreScikitLearns() throws {
    var tried = 0
    for golden in goldens.classes {
      let rows = try golden.judged()
      let whole = try #require(ThresholdCurves(rows, points: .max))
      if let roc = golden.roc {
        tried += 1
        #expect(gap(whole.roc, roc) < 1e-9, "\(golden.name)")
        let thin = try #require(ThresholdCurves(rows))
        #expect(thin.roc.count <= 200 && gap(thin.roc, roc) < 0.01, "\(golden.name)")
      }
      if let expected = golden.precisionRecall {
        // It stops where all positives are found; ours goes on to the last row.
        let own = Array(try #require(ThresholdCurves(rows, points: .max)).precisionRecall)
        #expect(gap(own, expected) < 1e-9, "\(golden.name)")
      }
      if let expected = golden.reliability {
        let own = try #require(Reliability(rows)).bins
        let found = own.map(\.probability) + own.map(\.frequency)
        let isNear = zip(found, expected.joined()).allSatisfy { abs($0 - $1) < 1e-12 }
        #expect(isNear && found.count == 2 * expected[0].count, "\(golden.name): \(found)")
      }
    }
    #expect(tried >= 6)
  }

  @Test func isotonicCalibrationIsScikitLearns() throws {
    var tried = 0
    for golden in goldens.classes {
      guard let expected = golden.isotonic else { continue }
      tried += 1
      let calibration = IsotonicCalibration(fittedOn: try golden.judged())
      for (place, expected) in expected.enumerated() {
        let asked = Double(place) / 40
        let found = calibration.apply(to: [1 - asked, asked])[1]
        #expect(abs(found - expected) < 1e-9, "\(golden.name) at \(asked)")
      }
    }
    #expect(tried >= 6)
  }

  /// How far expected points lie from a curve, along y or along x.
  private func gap(_ curve: [CurvePoint], _ expected: [[Double]]) -> Double {
    zip(expected[0], expected[1]).map { x, y in
      zip(curve, curve.dropFirst()).map { a, b in
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        let length = dx * dx + dy * dy
        let share = length > 0 ? min(1, max(0, ((x - a.x) * dx + (y - a.y) * dy) / length)) : 0
        let (ex, ey) = (a.x + share * dx - x, a.y + share * dy - y)
        return (ex * ex + ey * ey).squareRoot()
      }.min() ?? 1
    }.max() ?? 1
  }
}
