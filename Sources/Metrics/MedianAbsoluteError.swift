import Configuration

/// The median of |p - t|, in the truths' unit.
public struct MedianAbsoluteError: WholeMetric {
  public static let kind = "median-absolute-error"
  public static let summary = "the median of |y - t|"
  public static let goal = MetricGoal.minimize

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public static func fits(_ task: LearningTask) -> Bool { task.hasNumbers }
}
