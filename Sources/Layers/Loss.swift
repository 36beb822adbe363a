import Kernels
import Tensors

/// What training makes small: the loss of a sample, summed over a micro-batch.
///
/// The leaf is the gradient of the *sum*; division by the number of samples comes once, after the tree.
public enum Loss: String, Sendable, CaseIterable {
  /// Softmax cross-entropy of C logits with a class.
  case crossEntropy = "cross-entropy"
  /// Binary cross-entropy of each logit with a target in 0…1, averaged over the outputs.
  case binaryCrossEntropy = "binary-cross-entropy"
  /// Squared error of each output, averaged over the outputs.
  case meanSquaredError = "mean-squared-error"

  /// The targets of one micro-batch.
  public enum Targets {
    /// B classes.
    case classes(UnsafeBufferPointer<Int32>)
    /// B × outputs.
    case values(FloatView)
  }

  /// Whether its targets are classes; else they are values.
  public var takesClasses: Bool { self == .crossEntropy }

  /// The sum over the first `valid` of `rows` samples.
  ///
  /// Overwrites `gradient`, where given, with the gradient of that sum; the rows of absent samples get zero.
  public func sum(
    _ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView? = nil
  ) -> Double {
    switch (self, targets) {
    case (.crossEntropy, .classes(let classes)):
      precondition(classes.count == rows, "\(classes.count) classes for \(rows) rows")
      return Kernels.softmaxCrossEntropy(outputs, classes: classes, valid: valid, gradient: gradient)
    case (.binaryCrossEntropy, .values(let values)):
      return Kernels.binaryCrossEntropy(outputs, targets: values, rows: rows, valid: valid, gradient: gradient)
    case (.meanSquaredError, .values(let values)):
      return Kernels.squaredError(outputs, targets: values, rows: rows, valid: valid, gradient: gradient)
    default:
      preconditionFailure("\(rawValue) does not take these targets")
    }
  }
}
