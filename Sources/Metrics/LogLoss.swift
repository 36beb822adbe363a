import Configuration

/// The mean of -ln of the probability that the true class was given, clipped to ε...1 - ε with ε = 2⁻⁵².
public struct LogLoss: WholeMetric {
  public static let kind = "log-loss"
  public static let summary = "the mean of -ln p of the true class"
  public static let goal = MetricGoal.minimize

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
