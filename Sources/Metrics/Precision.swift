/// Of the samples that were given a class, the part that has it.
public struct Precision: ClassScoreMetric {
  public static let kind = "precision"
  public static let summary = "of those given a class the part that has it, mean over the classes"
  public let average: ClassAverage

  public init(average: ClassAverage) { self.average = average }
  public static func value(_ scores: ClassScores) -> Double { scores.precision }
}
