/// Which learned slots weight decay applies to.
public enum DecayMask: String, Sendable, CaseIterable {
  /// All of them.
  case all
  /// Weights alone: biases, and the scales and shifts of normalisations, are left as they are.
  case weights
}
