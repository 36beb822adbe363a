import Configuration

/// The part of the samples all of whose labels were predicted right, 0...1; 0 without samples.
public struct ExactMatch: Metric {
  public static let kind = "exact-match"
  public static let summary = "the part of the samples all of whose labels are right"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public func tally(of task: LearningTask) -> (any Tally)? { LabelTally(task) }

  public func score(of task: LearningTask, _ totals: Totals) -> Double? {
    LabelMetrics(counts: totals.counts, labels: task.outputs.count).exactMatch
  }
}
