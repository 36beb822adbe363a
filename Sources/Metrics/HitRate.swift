import Configuration

/// The part of the rows whose class is among the k first of all by its score; equal scores share what their places give.
public struct HitRate: WholeMetric {
  public static let kind = "hit-rate"
  public static let summary = "the part of the targets among the k first of all, equal ones sharing"

  /// How many places count.
  public let k: Int

  public init(k: Int = 10) { self.k = k }
  public init(_ settings: ConfigReader) throws { k = try settings.int("k", default: 10, in: 1...) }

  public var name: String { "hit rate \(k)" }

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
