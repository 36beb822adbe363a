import Tensors

/// Where a layer's output has the features, the places along the last axis, that its input has.
///
/// Memory has a flattened picture in another order than PyTorch. What lies behind it asks each layer how features flow,
/// so that checkpoints can be written in PyTorch's order; see `FeatureOrder`.
public enum FeatureFlow: Sendable {
  /// Where they were: activations, normalisations.
  case kept
  /// The layer makes features of its own, and the rows of its slots could stand in any order: a dense layer.
  case made
  /// The layer counts them as they lie in memory: it selects some of them, or computes with neighbours.
  case counted
  /// The same numbers under another shape: a row of a picture, a picture of a row. What would need two orders, as tokens
  /// of a flattened picture or a picture of another, is a conflict.
  case reshaped
}
