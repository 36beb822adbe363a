/// The harmonic mean of precision and recall.
public struct F1: ClassScoreMetric {
  public static let kind = "f1"
  public static let summary = "the harmonic mean of precision and recall, mean over the classes"
  public let average: ClassAverage

  public init(average: ClassAverage) { self.average = average }
  public static func value(_ scores: ClassScores) -> Double { scores.f1 }
}
