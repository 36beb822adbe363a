import Configuration

/// The mean of |p - t| / |t|, as a part of 1; not defined where a truth is zero.
public struct MeanAbsolutePercentageError: WholeMetric {
  public static let kind = "mean-absolute-percentage-error"
  public static let summary = "the mean of |y - t| / |t|, as a part of 1"
  public static let goal = MetricGoal.minimize

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public static func fits(_ task: LearningTask) -> Bool { task.hasNumbers }
}
