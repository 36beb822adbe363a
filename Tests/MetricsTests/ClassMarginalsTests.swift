import Metrics
import Testing

/// Scores that are made of how often each class occurs, was predicted, and was predicted rightly; `JudgingTests` has scikit-learn's.
@Suite struct ClassMarginalsTests {
  /// Ten of class 0, eight of them right, and ten of class 1, six of them right.
  private static let totals = Totals(counts: [10, 12, 8, 10, 8, 6])
  private static let task = LearningTask.classes(names: ["a", "b"])

  @Test func scoresOfCounts() {
    func score(_ metric: some Metric, _ totals: Totals = Self.totals) -> Double? { metric.score(of: Self.task, totals) }
    let expected: [(any Metric, Double)] = [
      (BalancedAccuracy(), 0.7), (CohensKappa(), 0.4), (MatthewsCorrelation(), 80 / (200.0 * 192).squareRoot()),
      (Precision(average: .micro), 0.7), (Recall(average: .weighted), 0.7),
      (F1(average: .macro), (16.0 / 22 + 12.0 / 18) / 2),
    ]
    for (metric, expected) in expected {
      #expect(abs((score(metric) ?? .nan) - expected) < 1e-15, "\(metric.name)")
    }
    let one = Totals(counts: [10, 10, 10, 0, 0, 0])
    #expect(score(MatthewsCorrelation(), one) == nil && score(CohensKappa(), one) == nil)
    #expect(score(BalancedAccuracy(), one) == 1)
  }

  /// Names tell settings apart; what needs all rows counts nothing, and fits what it says something of.
  @Test func namesAndTasks() {
    let metrics: [any Metric] = [
      F1(), F1(average: .micro), TopK(k: 3), CalibrationError(), CalibrationError(bins: 10), NDCG(), PinballLoss(),
    ]
    #expect(
      metrics.map(\.name) == [
        "f1", "f1 micro", "top 3", "calibration error", "calibration error 10", "ndcg 10", "pinball loss 0.5",
      ])
    #expect(ROCAUC().tally(of: Self.task) != nil && ROCAUC().tally(of: .tokens()) == nil)
    #expect(PoissonDeviance().tally(of: Self.task) == nil)
    #expect(ROCAUC().score(of: Self.task, Self.totals) == nil)
  }
}
