/// Of the samples that have a class, the part that was given it.
public struct Recall: ClassScoreMetric {
  public static let kind = "recall"
  public static let summary = "of those of a class the part that was given it, mean over the classes"
  public let average: ClassAverage

  public init(average: ClassAverage) { self.average = average }
  public static func value(_ scores: ClassScores) -> Double { scores.recall }
}
