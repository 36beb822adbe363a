/// Of the samples that were given a class, the part that has it.
public struct Precision: ClassScoreMetric {
  public static let kind = "precision"
  public static let summary = "of those given a class the part that has it, mean over the classes"
  /// It has no settings.
  public init() {}
  public static func value(_ scores: ClassScores) -> Double { scores.precision }
}
