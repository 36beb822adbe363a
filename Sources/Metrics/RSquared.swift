/// The part of the truths' variance that the predictions explain: see `RegressionMetrics.rSquared`.
public struct RSquared: ErrorMetric {
  public static let kind = "r-squared"
  public static let summary = "the part of the variance that is explained"
  public static let goal = MetricGoal.maximize
  /// It has no settings.
  public init() {}
  public static func value(_ metrics: RegressionMetrics) -> Double { metrics.rSquared }
  public static func value(_ scores: RegressionScores) -> Double { scores.rSquared }
}
