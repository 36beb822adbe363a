import Configuration

/// A score of each class or label, averaged over those that are present, each counting the same: as scikit-learn's
/// `average="macro"`.
public protocol ClassScoreMetric: Metric {
  init()
  /// Of the scores of a class, the one that it is.
  static func value(_ scores: ClassScores) -> Double
}

extension ClassScoreMetric {
  public init(_ settings: ConfigReader) { self.init() }

  public func tally(of task: LearningTask) -> (any Tally)? { ClassTally(task) ?? LabelTally(task) }

  public func score(of task: LearningTask, _ totals: Totals) -> Double? {
    guard case .labels(let names) = task else { return Self.value(ClassCounts(totals.counts).macroAverage) }
    return LabelMetrics(counts: totals.counts, labels: names.count).mean { Self.value($0.perClass.scores(of: 1)) }
  }

  public func score(of output: Int, of task: LearningTask, _ totals: Totals) -> Double? {
    guard case .labels(let names) = task else { return nil }
    return Self.value(LabelMetrics(counts: totals.counts, labels: names.count).labels[output].perClass.scores(of: 1))
  }
}
