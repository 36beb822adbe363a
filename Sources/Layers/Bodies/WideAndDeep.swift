import Configuration
import Tensors

/// The sum of a linear layer on all features, which learns what each of them says by itself, and of an MLP on the same, which
/// learns what they say together.
///
/// Words of which a network learns rows are features of both by these rows. The wide part starts at 0.
/// Cheng et al.: *Wide & deep learning for recommender systems* (2016).
public struct WideAndDeep: Body {
  public static let kind = "wide-and-deep"
  public static let summary = "the sum of a linear layer on all features and of an MLP on them"

  package let deep: MLP

  /// The MLP, to whose outputs those of the linear layer are added.
  public init(deep: MLP = MLP()) { self.deep = deep }

  public init(_ settings: ConfigReader) throws { self.init(deep: try MLP(settings)) }

  public func layers(input: Shape, outputs: Int) -> [any Layer] {
    // The deep part has the bias.
    let wide = Dense(units: outputs, bias: false, initialiser: .zeros)
    let parts = [[wide], deep.layers(input: [input.count], outputs: outputs)]
    return input.flattening + [Parallel(join: .add, branches: parts)]
  }
}
