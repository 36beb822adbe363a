extension Loss {
  /// What it applies to the outputs itself, so that they are to be logits; nil where it takes them as they are.
  public var ownActivation: String? {
    switch self {
    case .softmaxCrossEntropy: "softmax"
    case .sigmoidCrossEntropy: "sigmoid"
    case .meanSquaredError, .meanAbsoluteError, .huber: nil
    }
  }
}
