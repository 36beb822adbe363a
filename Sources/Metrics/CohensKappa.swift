/// Agreement beyond what chance gives, 1 at most: see `ClassMarginals.cohensKappa`.
public struct CohensKappa: MarginalMetric {
  public static let kind = "cohens-kappa"
  public static let summary = "agreement of classes and predicted ones beyond chance, 1 at most"
  public static let undefinedWhen = "truths and predictions have one class alone"
  /// It has no settings.
  public init() {}
  public static func value(_ marginals: ClassMarginals) -> Double? { marginals.cohensKappa }
}
