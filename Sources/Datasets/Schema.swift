/// What the training data decided of the form of all data: names, and columns in double precision.
public struct Schema: Sendable, Equatable {
  /// The names of the classes, or tokens, in the order of the outputs; nil where targets are none.
  public var classes: [String]?
  /// The names of the features, in the order of the inputs; nil where they have none.
  public var features: [String]?
  /// The names of the columns of numbers that are predicted, in the order of the outputs; nil for classes and images.
  public var targets: [String]?
  /// The features that are kept in double precision too: see `WideColumns`.
  public var wide: Set<Int>
  /// What was fitted to the training rows of a table, as a checkpoint keeps it; nil where nothing was.
  public var preparation: String?

  /// What a network has before and behind its layers, as the preparation says.
  public var ends: NetworkEnds

  /// Names in the order of the training data; nil for what has none.
  public init(
    classes: [String]? = nil, features: [String]? = nil, targets: [String]? = nil, wide: Set<Int> = [],
    preparation: String? = nil, ends: NetworkEnds = NetworkEnds()
  ) {
    (self.classes, self.features, self.targets, self.wide) = (classes, features, targets, wide)
    (self.preparation, self.ends) = (preparation, ends)
  }
}

extension Dataset {
  /// What these data, being for training, decide.
  public var schema: Schema {
    Schema(
      classes: classNames, features: featureNames, targets: valueNames, wide: Set(wide.values.keys),
      preparation: preparation, ends: ends)
  }
}
