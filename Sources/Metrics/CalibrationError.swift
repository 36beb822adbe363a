import Configuration

/// The mean distance of probabilities and frequencies over bins of equal width, weighed by their rows (Naeini et al. 2015,
/// Guo et al. 2017): of the positive class where there are two, else of the class that was predicted.
public struct CalibrationError: WholeMetric {
  public static let kind = "calibration-error"
  public static let summary = "the mean distance of probabilities and frequencies over bins of equal width"
  public static let goal = MetricGoal.minimize

  /// How many bins 0...1 is divided into.
  public let bins: Int

  public init(bins: Int = 15) { self.bins = bins }
  public init(_ settings: ConfigReader) throws { bins = try settings.int("bins", default: 15, in: 1...10000) }

  public var name: String { bins == 15 ? "calibration error" : "calibration error \(bins)" }

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
