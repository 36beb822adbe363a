import Configuration

/// The part of the rows whose class is among the k with the largest probabilities, of equal ones the first.
public struct TopK: WholeMetric {
  public static let kind = "top-k"
  public static let summary = "the part of the targets that are among the k largest outputs"

  /// At least 1.
  public let k: Int

  public init(k: Int = 5) { self.k = k }
  public init(_ settings: ConfigReader) throws { k = try settings.int("k", default: 5, in: 1...) }

  public var name: String { "top \(k)" }

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
