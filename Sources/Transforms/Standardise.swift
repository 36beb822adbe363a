import Configuration
import Datasets
import Diagnostics
import Tensors

/// Brings each feature, or all features of a channel, to mean 0 and deviation 1 of the training data.
public struct Standardise: Transform {
  public static let kind = "standardisation"
  public static let summary = "each feature or channel to mean 0 and deviation 1 of the training data"

  package let granularity: Standardisation.Granularity

  /// By feature, or by channel, the last axis.
  public init(per granularity: Standardisation.Granularity) { self.granularity = granularity }

  public init(_ settings: ConfigReader) throws { granularity = try settings.option("per", default: .feature) }

  public var readsWideColumns: Bool { true }

  public var setting: TransformSetting {
    TransformSetting(key: "standardise", value: "\(granularity)", cure: "set standardise: none")
  }

  public func fitted(on training: Dataset) -> any FittedTransform { Standardisation(from: training, per: granularity) }

  public func restored(from arrays: [FittedArray], shape: Shape) throws -> any FittedTransform {
    try Standardisation(arrays: arrays, granularity: granularity, shape: shape)
  }
}
