import Configuration

/// The mean of q·max(t - p, 0) + (1 - q)·max(p - t, 0): what a prediction of a quantile is off by.
public struct PinballLoss: WholeMetric {
  public static let kind = "pinball-loss"
  public static let summary = "the mean of q (t - y) above the prediction and (1 - q) (y - t) below it"
  public static let goal = MetricGoal.minimize

  /// Between 0 and 1.
  public let quantile: Double

  public init(quantile: Double = 0.5) { self.quantile = quantile }
  public init(_ settings: ConfigReader) throws {
    quantile = try settings.double("quantile", default: 0.5, in: .above(0, below: 1))
  }

  public var name: String { "pinball loss \(quantile)" }

  public static func fits(_ task: LearningTask) -> Bool { task.hasNumbers }
}
