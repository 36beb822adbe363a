import Configuration

/// The mean of 1 / r, where the true class is the r-th of all by its score, and r at most k: average precision of one
/// relevant item; equal scores share what their places give.
public struct MeanAveragePrecision: WholeMetric {
  public static let kind = "mean-average-precision"
  public static let summary = "the mean of 1 / place of the true class among the k first of all"

  /// How many places count.
  public let k: Int

  public init(k: Int = 10) { self.k = k }
  public init(_ settings: ConfigReader) throws { k = try settings.int("k", default: 10, in: 1...) }

  public var name: String { "mean average precision \(k)" }

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
