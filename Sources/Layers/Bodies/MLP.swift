import Configuration
import Tensors

/// A multilayer perceptron: dense layers, an activation behind each, and a dense layer of the outputs.
///
/// As written out: `dense: 256`, `relu`, `dropout: 0.1`, for each of the hidden layers, and `dense` of the outputs; a
/// `flatten` before them where samples are no rows.
public struct MLP: Body {
  public static let kind = "mlp"
  public static let summary =
    "hidden dense layers, an activation and dropout behind each, and a dense layer of the outputs"

  /// What stands behind each hidden layer.
  public enum Activation: String, CaseIterable, Sendable {
    case relu, gelu, silu, tanh

    var layer: any Layer {
      switch self {
      case .relu: ReLU()
      case .gelu: GELU()
      case .silu: SiLU()
      case .tanh: Tanh()
      }
    }
  }

  /// Units of each hidden layer.
  package let hidden: [Int]
  package let activation: Activation
  /// The share of hidden numbers that are zeros in training.
  package let dropout: Double

  /// At least one hidden layer; `dropout` in 0..<1.
  public init(hidden: [Int] = [128, 64], activation: Activation = .relu, dropout: Double = 0) {
    precondition(!hidden.isEmpty, "an MLP without hidden layers is Linear")
    (self.hidden, self.activation, self.dropout) = (hidden, activation, dropout)
  }

  public init(_ settings: ConfigReader) throws {
    let hidden = try settings.ints("hidden", default: [128, 64], in: 1...(1 << 24))
    guard !hidden.isEmpty else {
      throw settings.failure(
        at: "hidden", "expected the units of each hidden layer, found none", cure: "write model: linear")
    }
    self.init(
      hidden: hidden, activation: try settings.option("activation", default: .relu),
      dropout: try settings.double("dropout", default: 0, in: 0..<1))
  }

  public func layers(input: Shape, outputs: Int) -> [any Layer] {
    let hidden = hidden.flatMap { units -> [any Layer] in
      [Dense(units: units), activation.layer] + (dropout > 0 ? [Dropout(rate: dropout)] : [])
    }
    return input.flattening + hidden + [Dense(units: outputs)]
  }
}

extension Shape {
  /// What makes a row of a sample of this shape: nothing where it is one.
  var flattening: [any Layer] { rank > 1 ? [Flatten()] : [] }
}
