/// The root of the mean of (p - t)² over samples and outputs, in the truths' unit; 0 without samples.
public struct RootMeanSquaredError: ErrorMetric {
  public static let kind = "root-mean-squared-error"
  public static let summary = "the root of the mean of (y - t)²"
  /// It has no settings.
  public init() {}
  public static func value(_ metrics: RegressionMetrics) -> Double { metrics.meanSquaredError.squareRoot() }
  public static func value(_ scores: RegressionScores) -> Double { scores.meanSquaredError.squareRoot() }
}
