/// Mean of |p - t| over samples and outputs, in the truths' unit; 0 without samples.
public struct MeanAbsoluteError: ErrorMetric {
  public static let kind = "mean-absolute-error"
  public static let summary = "the mean of |y - t|"
  /// It has no settings.
  public init() {}
  public static func value(_ metrics: RegressionMetrics) -> Double { metrics.meanAbsoluteError }
  public static func value(_ scores: RegressionScores) -> Double { scores.meanAbsoluteError }
}
