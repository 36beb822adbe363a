import Configuration
import Kernels
import Tensors

/// |e|, averaged over the outputs; its gradient is 0 where e is.
public struct MeanAbsoluteErrorLoss: Loss {
  public static let kind = "mean-absolute-error"
  public static let summary = "|y - t|"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public var meaning: OutputMeaning { .values }

  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    Kernels.absoluteError(outputs, targets: values(targets), rows: rows, valid: valid, gradient: gradient)
  }
}

extension Loss where Self == MeanAbsoluteErrorLoss {
  public static var meanAbsoluteError: MeanAbsoluteErrorLoss { MeanAbsoluteErrorLoss() }
}
