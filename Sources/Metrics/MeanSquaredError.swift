/// Mean of (p - t)² over samples and outputs, in the square of the truths' unit; 0 without samples.
public struct MeanSquaredError: ErrorMetric {
  public static let kind = "mean-squared-error"
  public static let summary = "the mean of (y - t)²"
  /// It has no settings.
  public init() {}
  public static func value(_ metrics: RegressionMetrics) -> Double { metrics.meanSquaredError }
  public static func value(_ scores: RegressionScores) -> Double { scores.meanSquaredError }
}
