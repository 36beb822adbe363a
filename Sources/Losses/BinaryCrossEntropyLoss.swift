import Configuration
import Kernels
import Tensors

/// Binary cross-entropy of each logit with a target in 0…1, averaged over the outputs.
public struct BinaryCrossEntropyLoss: Loss {
  public static let kind = "binary-cross-entropy"
  public static let summary = "sigmoid cross-entropy, for several yes-or-no targets"

  /// What a target of 1 loses counts so many times.
  package let positiveWeight: Float

  /// `positiveWeight` is what a target of 1 weighs, against 1 for a target of 0.
  public init(positiveWeight: Float = 1) { self.positiveWeight = positiveWeight }

  public init(_ settings: ConfigReader) throws {
    positiveWeight = Float(
      try settings.double("positive-weight", default: 1, in: 0...Double(Float.greatestFiniteMagnitude)))
  }

  public var meaning: OutputMeaning { .binary }
  public var targetRange: ClosedRange<Float>? { 0...1 }
  public var ownActivation: String? { "sigmoid" }
  public func activate(_ outputs: FloatView, columns: Int) { Kernels.forward(.sigmoid, outputs, into: outputs) }

  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    Kernels.binaryCrossEntropy(
      outputs, targets: values(targets), rows: rows, valid: valid, positiveWeight: positiveWeight, gradient: gradient)
  }
}

extension Loss where Self == BinaryCrossEntropyLoss {
  /// Binary cross-entropy, zeros and ones counting the same.
  public static var binaryCrossEntropy: BinaryCrossEntropyLoss { BinaryCrossEntropyLoss() }

  public static func binaryCrossEntropy(positiveWeight: Float) -> BinaryCrossEntropyLoss {
    BinaryCrossEntropyLoss(positiveWeight: positiveWeight)
  }
}
