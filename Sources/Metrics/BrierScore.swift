import Configuration

/// The mean of (p - y)² of the positive class, or of its sum over more than two classes (Brier 1950).
public struct BrierScore: WholeMetric {
  public static let kind = "brier-score"
  public static let summary = "the mean of (p - y)², summed over the classes where there are more than two"
  public static let goal = MetricGoal.minimize

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
