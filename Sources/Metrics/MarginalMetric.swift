import Configuration

/// A score of classes that is made of how often each occurs, was predicted, and was predicted rightly.
public protocol MarginalMetric: Metric {
  init()
  /// Nil where it is not defined.
  static func value(_ marginals: ClassMarginals) -> Double?
  /// When it is not.
  static var undefinedWhen: String { get }
}

extension MarginalMetric {
  public init(_ settings: ConfigReader) { self.init() }
  public func tally(of task: LearningTask) -> (any Tally)? { ClassTally(task) }
  public func score(of task: LearningTask, _ totals: Totals) -> Double? {
    Self.value(ClassMarginals(ClassCounts(totals.counts)))
  }
}
