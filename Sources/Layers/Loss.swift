import Kernels
import Tensors

/// What training makes small: the loss of a batch is Σ loss / Σ weight over its targets.
///
/// A leaf is the gradient of the *sum*; division by the batch's weight comes once, after the tree. A target weighs 1,
/// unless classes have weights or are ignored, so that the weight of a batch is the number of its samples, or of its
/// positions where a sample has several. All as PyTorch's functions of the same names with `reduction="mean"`.
///
/// Letters: B samples of a micro-batch, T positions of a sample, C outputs of a position, x logit, t target, e = x - t.
public enum Loss: Hashable, Sendable {
  /// Softmax cross-entropy of C logits with a class, for each of the T positions of a sample.
  ///
  /// - labelSmoothing: the part of the target, 0…1, that is spread evenly over all classes (Szegedy et al., CVPR 2016).
  /// - classWeights: what a target of each class weighs, C of them; empty: 1 each.
  /// - ignored: the class of targets that have no loss, no gradient and no weight: padding.
  case softmaxCrossEntropy(labelSmoothing: Float = 0, classWeights: [Float] = [], ignored: Int32? = nil)
  /// Binary cross-entropy of each logit with a target in 0…1, averaged over the outputs; what a target of 1 loses
  /// counts `positiveWeight` times.
  case sigmoidCrossEntropy(positiveWeight: Float = 1)
  /// e², averaged over the outputs.
  case meanSquaredError
  /// |e|, averaged over the outputs; its gradient is 0 where e is.
  case meanAbsoluteError
  /// e²/2 where |e| ≤ delta, else delta·(|e| - delta/2), averaged over the outputs (Huber 1964).
  case huber(delta: Float = 1)

  /// Softmax cross-entropy without smoothing, all classes weighing 1.
  public static let crossEntropy = Loss.softmaxCrossEntropy()
  /// Binary cross-entropy, zeros and ones counting the same.
  public static let binaryCrossEntropy = Loss.sigmoidCrossEntropy()

  /// The targets of one micro-batch.
  public enum Targets {
    /// B × T classes.
    case classes(UnsafeBufferPointer<Int32>)
    /// B × outputs.
    case values(FloatView)
  }

  /// The word for it in a configuration.
  public var kind: String {
    switch self {
    case .softmaxCrossEntropy: "cross-entropy"
    case .sigmoidCrossEntropy: "binary-cross-entropy"
    case .meanSquaredError: "mean-squared-error"
    case .meanAbsoluteError: "mean-absolute-error"
    case .huber: "huber"
    }
  }

  /// Whether its targets are classes; else they are values.
  public var takesClasses: Bool {
    if case .softmaxCrossEntropy = self { true } else { false }
  }

  /// What a target of each class weighs; nil where all weigh the same.
  public var classWeights: [Float]? {
    if case .softmaxCrossEntropy(_, let weights, _) = self, !weights.isEmpty { weights } else { nil }
  }

  /// Whether a target of this class is left out.
  public func ignores(_ target: Int32) -> Bool {
    if case .softmaxCrossEntropy(_, _, let ignored?) = self { ignored == target } else { false }
  }

  /// The weight of the first `valid` of `rows` samples: what the sum of their losses is divided by for a mean.
  public func weight(of targets: Targets, rows: Int, valid: Int) -> Double {
    guard case .softmaxCrossEntropy(_, let weights, let ignored) = self, case .classes(let classes) = targets else {
      return Double(valid)
    }
    let present = valid * (classes.count / rows)
    guard !weights.isEmpty || ignored != nil else { return Double(present) }
    var sum = 0.0
    for target in classes[..<present] where target != ignored {
      sum += weights.isEmpty ? 1 : Double(weights[Int(target)])
    }
    return sum
  }

  /// The sum over the first `valid` of `rows` samples, weights counted in.
  ///
  /// Overwrites `gradient`, where given, with the gradient of that sum; the rows of absent samples and of ignored targets
  /// get zero.
  public func sum(
    _ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView? = nil
  ) -> Double {
    switch (self, targets) {
    case (.softmaxCrossEntropy(let smoothing, let weights, let ignored), .classes(let classes)):
      precondition(classes.count % rows == 0, "\(classes.count) classes for \(rows) rows")
      let present = valid * (classes.count / rows)
      guard smoothing > 0 || !weights.isEmpty || ignored != nil else {
        return Kernels.softmaxCrossEntropy(outputs, classes: classes, valid: present, gradient: gradient)
      }
      return Kernels.weightedCrossEntropy(
        outputs, classes: classes, valid: present, weights: weights, smoothing: smoothing, ignored: ignored,
        gradient: gradient)
    case (.sigmoidCrossEntropy(let weight), .values(let values)):
      return Kernels.binaryCrossEntropy(
        outputs, targets: values, rows: rows, valid: valid, positiveWeight: weight, gradient: gradient)
    case (.meanSquaredError, .values(let values)):
      return Kernels.squaredError(outputs, targets: values, rows: rows, valid: valid, gradient: gradient)
    case (.meanAbsoluteError, .values(let values)):
      return Kernels.absoluteError(outputs, targets: values, rows: rows, valid: valid, gradient: gradient)
    case (.huber(let delta), .values(let values)):
      return Kernels.huber(outputs, targets: values, rows: rows, valid: valid, delta: delta, gradient: gradient)
    default:
      preconditionFailure("\(kind) does not take these targets")
    }
  }
}

extension Loss: CaseIterable {
  /// One of each kind, with the settings that it has where none are given.
  public static let allCases: [Loss] = [
    .crossEntropy, .binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber(),
  ]
}
