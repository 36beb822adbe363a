import Configuration
import Kernels
import Tensors

/// e²/2 where |e| ≤ delta, else delta·(|e| - delta/2), averaged over the outputs (Huber 1964).
public struct HuberLoss: Loss {
  public static let kind = "huber"
  public static let summary = "squared near the target, absolute beyond delta"

  package let delta: Float

  /// `delta`, positive, is the error from which on the loss grows along a line.
  public init(delta: Float = 1) { self.delta = delta }

  public init(_ settings: ConfigReader) throws {
    // As a float it must be a normal number, since errors are compared with it.
    let range = Double(Float.leastNormalMagnitude)...Double(Float.greatestFiniteMagnitude)
    delta = Float(try settings.double("delta", default: 1, in: range))
  }

  public var meaning: OutputMeaning { .values }

  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    Kernels.huber(outputs, targets: values(targets), rows: rows, valid: valid, delta: delta, gradient: gradient)
  }
}

extension Loss where Self == HuberLoss {
  /// See `HuberLoss.init`.
  public static func huber(delta: Float = 1) -> HuberLoss { HuberLoss(delta: delta) }
}
