import Metrics
import Testing

@Suite struct LabelMetricsTests {
  /// Three labels of four samples; scores as scikit-learn's `precision_recall_fscore_support(average=None)` has them.
  private static let truths = [
    [true, false, false], [true, true, false], [false, true, false], [true, false, false],
  ]
  private static let predictions = [
    [true, false, false], [false, true, false], [true, true, false], [true, true, false],
  ]

  private static let counts: [Int64] = {
    var counts = [Int64](repeating: 0, count: LabelMetrics.countWidth(labels: 3))
    for (truth, prediction) in zip(truths, predictions) {
      LabelMetrics.count(labels: 3, truth: { truth[$0] }, prediction: { prediction[$0] }) { counts[$0] += 1 }
    }
    return counts
  }()

  private static func metrics() -> LabelMetrics { LabelMetrics(counts: counts, labels: 3) }

  @Test func overall() {
    let metrics = Self.metrics()
    #expect((metrics.samples, metrics.exact, metrics.exactMatch) == (4, 1, 0.25))
    #expect(abs(metrics.accuracy - 9.0 / 12) < 1e-15)
    // The third label is never there and never predicted: its scores are 0.
    func score(_ metric: some Metric) -> Double {
      metric.score(of: .labels(names: ["a", "b", "c"]), Totals(counts: Self.counts)) ?? .nan
    }
    #expect(abs(score(Precision()) - (2.0 / 3 + 2.0 / 3 + 0) / 3) < 1e-15)
    #expect(abs(score(Recall()) - (2.0 / 3 + 1 + 0) / 3) < 1e-15)
    #expect(abs(score(F1()) - (2.0 / 3 + 0.8 + 0) / 3) < 1e-15)
  }

  @Test func eachLabel() {
    let metrics = Self.metrics()
    #expect(metrics.labels.map(\.accuracy) == [0.5, 0.75, 1])
    #expect(metrics.labels[0].counts == [0, 1, 1, 2])
    let report = """
         accuracy  precision  recall  f1-score

      a      0.50       0.67    0.67      0.67
      b      0.75       0.67    1.00      0.80
      c      1.00       0.00    0.00      0.00

      """
    #expect(metrics.report(names: ["a", "b", "c"]) == report)
  }

  @Test func withoutSamples() {
    let metrics = LabelMetrics(counts: [Int64](repeating: 0, count: 9), labels: 2)
    #expect((metrics.accuracy, metrics.exactMatch) == (0, 0))
    #expect(F1().score(of: .labels(names: ["a", "b"]), Totals(counts: [Int64](repeating: 0, count: 9))) == 0)
  }
}
