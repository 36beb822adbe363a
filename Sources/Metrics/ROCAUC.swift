import Configuration

/// The chance that a row of the class has a higher score than one of the others, ties a half: the area under the ROC curve;
/// of several classes the mean of each against the rest.
public struct ROCAUC: WholeMetric {
  public static let kind = "roc-auc"
  public static let summary = "the area under the ROC curve; of several classes the mean of each against the rest"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
