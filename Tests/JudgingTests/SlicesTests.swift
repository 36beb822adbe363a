import Judging
import Metrics
import Testing

/// Slices, baselines and thin curves.
@Suite struct SlicesTests {
  @Test func slicesAreJudgedByThemselves() throws {
    let rows = try twoClasses(200)
    // 100 rows of a, 95 of b, 3 of c, 2 without a value.
    let codes = (0..<200).map { Int32($0 < 100 ? 0 : $0 < 195 ? 1 : $0 < 198 ? 2 : -1) }
    let judge = Judge([Accuracy(), ROCAUC()], resamples: Resamples(count: 30))
    let baseline = try #require(Baseline(counts: [7, 3]).said(of: rows))
    let found = Slices(
      "town", codes: codes, values: ["a", "b", "c", "nobody"], of: rows, beside: baseline, judge: judge)
    #expect(found.slices.map(\.value) == ["a", "b", "c", "missing"] && found.slices.map(\.rows) == [100, 95, 3, 2])
    #expect(found.slices.map(\.isSmall) == [false, false, true, true] && found.omitted == 0)
    let second = (100..<195).map { Int32($0) }
    #expect(
      found.slices[1].judgement == judge.judge(rows.selecting(second), beside: baseline.selecting(second)))
    #expect(found.slices[2].judgement.figures["accuracy"]?.interval == .refused("3 rows are too few"))
    let most = Slices("town", codes: codes, values: ["a", "b", "c"], of: rows, judge: judge, most: 1)
    #expect(most.slices.count == 1 && most.omitted == 3 && most.omittedRows == 100)
  }

  @Test func slicesOfSlicesKeepTheirRowsAndWeights() throws {
    let rows = try twoClasses(60, weights: (0..<60).map(Double.init))
    let (even, third) = (rows.selecting((0..<30).map { Int32(2 * $0) }), (0..<10).map { Int32(3 * $0) })
    let judge = Judge([LogLoss()], resamples: Resamples(count: 0))
    #expect(judge.judge(even.selecting(third)) == judge.judge(rows.selecting((0..<10).map { Int32(6 * $0) })))
  }

  @Test func baselinesSayTheSameOfAllRows() throws {
    let rows = try twoClasses(100)
    let judge = Judge(ClassCase.metrics, resamples: Resamples(count: 20))
    let found = judge.judge(rows, beside: Baseline(counts: [70, 30]).said(of: rows)).figures
    #expect(found["accuracy"]?.beside == .value(0.7) && found["roc-auc"]?.beside == .value(0.5))
    #expect(found["average-precision"]?.beside == .value(0.3))
    #expect(found["matthews-correlation"]?.beside == .undefined(MatthewsCorrelation.undefinedWhen))
    #expect(found["matthews-correlation"]?.difference == nil && found["accuracy"]?.difference != nil)
    let numbers = try JudgedRows(
      JudgedNumbers(name: "y", predictions: RowNumbers([1, 2, 4]), targets: RowNumbers([1, 2, 3])))
    let error = Judge([MeanAbsoluteError()], resamples: Resamples(count: 0))
    func beside(_ rows: JudgedRows?) -> Figure? {
      error.judge(numbers, beside: rows).figures["mean-absolute-error"]?.beside
    }
    #expect(beside(Baseline.mean(2).said(of: numbers)) == .value(2.0 / 3))
    let forecasts = numbers.with(columns: ["before": .numbers(RowNumbers([0, 1, 2]))], training: nil)
    #expect(beside(Baseline.lastValue(column: "before").said(of: forecasts)) == .value(1))
    let holes = numbers.with(columns: ["before": .numbers(RowNumbers([.nan, 1, 2]))], training: nil)
    for rows in [numbers, holes] { #expect(Baseline.lastValue(column: "before").said(of: rows) == nil) }
    #expect(Baseline.mean(2).said(of: rows) == nil && Baseline(counts: [1, 1, 1]).said(of: rows) == nil)
  }

  /// A staircase of a hundred thousand steps with a corner in it.
  @Test func thinCurvesKeepCorners() {
    let curve = (0...100_000).map { place in
      let x = Double(place) / 100_000
      return CurvePoint(x: x, y: x < 0.3 ? 2.9 * x : 0.87 + (x - 0.3) * 0.13 / 0.7, threshold: nil)
    }
    let thin = curve.thinned(to: 200)
    #expect(thin.count <= 200 && thin.contains { abs($0.x - 0.3) < 1e-4 })
    #expect(thin.first == curve.first && thin.last == curve.last)
    let stairs = (0..<1000).map { CurvePoint(x: Double($0 / 2), y: Double(($0 + 1) / 2), threshold: nil) }
    #expect(stairs.thinned(to: 100).count == 100 && stairs.thinned(to: 5000) == stairs)
    #expect([CurvePoint]().thinned().isEmpty)
  }
}
