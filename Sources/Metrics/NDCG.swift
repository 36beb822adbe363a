import Configuration

/// The mean of 1 / log₂(1 + r), where the true class is the r-th of all by its score, and r at most k: normalised
/// discounted cumulative gain of one relevant item (Järvelin, Kekäläinen 2002); equal scores share what their places give.
public struct NDCG: WholeMetric {
  public static let kind = "ndcg"
  public static let summary = "discounted gain of the true class among the k first of all"

  /// How many places count.
  public let k: Int

  public init(k: Int = 10) { self.k = k }
  public init(_ settings: ConfigReader) throws { k = try settings.int("k", default: 10, in: 1...) }

  public var name: String { "ndcg \(k)" }

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
