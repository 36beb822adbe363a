/// The correlation of truths and predictions, -1...1: see `ClassMarginals.matthewsCorrelation`.
public struct MatthewsCorrelation: MarginalMetric {
  public static let kind = "matthews-correlation"
  public static let summary = "the correlation of classes and predicted ones, from -1 to 1"
  public static let undefinedWhen = "truths, or predictions, have one class alone"
  /// It has no settings.
  public init() {}
  public static func value(_ marginals: ClassMarginals) -> Double? { marginals.matthewsCorrelation }
}
