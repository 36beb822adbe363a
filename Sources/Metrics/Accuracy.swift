import Configuration

/// The part of the targets that was predicted right, 0...1; 0 without samples. Of labels, of all labels of all samples.
public struct Accuracy: Metric {
  public static let kind = "accuracy"
  public static let summary = "the part of the targets that was predicted right"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public func tally(of task: LearningTask) -> (any Tally)? { ClassTally(task) ?? LabelTally(task) ?? TokenTally(task) }

  public func score(of task: LearningTask, _ totals: Totals) -> Double? {
    switch task {
    case .classes, .binary: ClassCounts(totals.counts).accuracy
    case .labels(let names): LabelMetrics(counts: totals.counts, labels: names.count).accuracy
    case .tokens: ratio(Double(totals.counts[0]), Double(totals.counts[1]))
    case .values: nil
    }
  }

  public func score(of output: Int, of task: LearningTask, _ totals: Totals) -> Double? {
    guard case .labels(let names) = task else { return nil }
    return LabelMetrics(counts: totals.counts, labels: names.count).labels[output].accuracy
  }
}
