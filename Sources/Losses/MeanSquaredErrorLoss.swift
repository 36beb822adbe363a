import Configuration
import Kernels
import Tensors

/// e², averaged over the outputs.
public struct MeanSquaredErrorLoss: Loss {
  public static let kind = "mean-squared-error"
  public static let summary = "(y - t)²"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public var meaning: OutputMeaning { .values }

  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    Kernels.squaredError(outputs, targets: values(targets), rows: rows, valid: valid, gradient: gradient)
  }
}

extension Loss where Self == MeanSquaredErrorLoss {
  public static var meanSquaredError: MeanSquaredErrorLoss { MeanSquaredErrorLoss() }
}
