import Configuration

/// The mean of 2 (t ln(t / p) - t + p); truths are at least 0, and predictions greater.
public struct PoissonDeviance: WholeMetric {
  public static let kind = "poisson-deviance"
  public static let summary = "the mean of 2 (t ln(t / y) - t + y)"
  public static let goal = MetricGoal.minimize

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public static func fits(_ task: LearningTask) -> Bool { task.hasNumbers }
}
