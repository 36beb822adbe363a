import Configuration
import Tensors

/// One dense layer, which starts at 0: linear regression, or logistic regression, as the loss is; a baseline.
public struct Linear: Body {
  public static let kind = "linear"
  public static let summary = "one dense layer, a baseline: linear or logistic regression, as the loss is"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public func layers(input: Shape, outputs: Int) -> [any Layer] {
    input.flattening + [Dense(units: outputs, initialiser: .zeros)]
  }
}
