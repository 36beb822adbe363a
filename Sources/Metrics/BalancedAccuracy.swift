/// The mean of the classes' recalls, 0...1: see `ClassMarginals.balancedAccuracy`.
public struct BalancedAccuracy: MarginalMetric {
  public static let kind = "balanced-accuracy"
  public static let summary = "the mean of the parts of each class that were predicted right"
  public static let undefinedWhen = "there are no rows"
  /// It has no settings.
  public init() {}
  public static func value(_ marginals: ClassMarginals) -> Double? { marginals.balancedAccuracy }
}
