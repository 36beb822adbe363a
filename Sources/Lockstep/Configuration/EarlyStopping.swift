import Configuration

/// When training ends before its last epoch: when a score of the data that it is watched by has not improved for some epochs. What
/// the run comes to are the parameters of its best epoch then, however long it went on.
///
/// Prechelt: *Early stopping - but when?* (Neural Networks: Tricks of the Trade, 1998).
public struct EarlyStopping: Sendable {
  /// The score, as files have it: `loss`, `f1`, and of one of several targets `f1/Status`.
  public let metric: String
  /// Epochs without an improvement after which training ends.
  public let patience: Int
  /// A score must be better by more than this to count as better.
  public let leastImprovement: Double

  static let patiences = 1...1_000_000
  static let improvements = 0...1e30

  public init(metric: String = "loss", patience: Int, leastImprovement: Double = 0) {
    (self.metric, self.patience, self.leastImprovement) = (metric, patience, leastImprovement)
  }

  init(_ settings: ConfigReader) throws {
    metric = try settings.string("metric", default: "loss")
    patience = try settings.int("patience", in: Self.patiences)
    leastImprovement = try settings.double("least-improvement", default: 0, in: Self.improvements)
  }
}
