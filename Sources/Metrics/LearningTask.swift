/// What a network is asked for, as a metric has to know it.
public enum LearningTask: Sendable, Hashable {
  /// One of the named classes for each sample.
  case classes(names: [String])
  /// A yes or no for each sample, or for each element of it, all taken together; two names.
  case binary(names: [String])
  /// The token that follows, at each position of a text, where known with the bytes of text that one stands for on average.
  case tokens(bytes: Double? = nil, areSubwords: Bool = false)
  /// A yes or no for each of several labels, any number of which a sample may have.
  case labels(names: [String])
  /// Numbers. `names` are those of outputs that are measured one by one, nil where all are taken together; `reference` is
  /// a number near the truths of each: see `RegressionMetrics`.
  case values(names: [String]?, reference: [Double]?)

  /// The names of what has scores of its own beside those of all; empty where nothing has.
  public var outputs: [String] {
    switch self {
    case .labels(let names), .values(let names?, _): names
    case .classes, .binary, .tokens, .values(nil, _): []
    }
  }

  /// How messages call it.
  public var description: String {
    switch self {
    case .classes, .binary: "classes"
    case .tokens: "tokens"
    case .labels: "labels"
    case .values: "numbers"
    }
  }
}
