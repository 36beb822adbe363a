import Configuration

/// Σ (Rₙ - Rₙ₋₁) Pₙ over the thresholds, from the highest score on; of several classes the mean of each against the
/// rest.
public struct AveragePrecision: WholeMetric {
  public static let kind = "average-precision"
  public static let summary =
    "the area under the steps of precision by recall; of several classes the mean of each against the rest"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
