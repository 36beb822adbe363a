import Diagnostics
import Tensors

/// A network: the shape of a sample and the layers it passes through, in order.
///
/// ```swift
/// let network = Network(input: [28, 28, 1]) {
///   Flatten()
///   Dense(units: 512)
///   ReLU()
///   if deep { Dropout(rate: 0.2) }
///   Dense(units: 10)
/// }
/// let plan = try network.plan(microBatch: 64)
/// ```
public struct Network: Sendable {
  /// The shape of one sample.
  public let input: Shape
  /// In the order of the forward pass.
  public let layers: [any Layer]
  /// What of it stays as it is.
  public var freezing = Freezing.none
  /// What learns beside dense layers and projections of attention; nil: nothing.
  public var adapter: Adapter?

  /// Layers for samples of the shape `input`.
  public init(input: Shape, layers: [any Layer]) {
    self.input = input
    self.layers = layers
  }

  /// Layers for samples of the shape `input`, written one below the other.
  public init(input: Shape, @LayerBuilder layers: () -> [any Layer]) {
    self.init(input: input, layers: layers())
  }

  /// The shape of one sample of its output; throws a `Failure` that names the layer that does not fit.
  package var outputShape: Shape {
    get throws {
      let graph = try Graph(self)
      return graph.tensors[graph.output].shape
    }
  }

  /// Makes all memory places and tables once, for passes of `microBatch` samples.
  ///
  /// In `bfloat16` products round their factors, and what lies between layers that take it so is kept so; parameters, sums,
  /// norms and losses are floats.
  /// A plan of one sample that is `keepingRows` takes them some at a time, where its layers can: see `Plan.isRowwise`.
  public func plan(
    microBatch: Int, precision: NumberFormat = .float32, keepingRows: Bool = false
  ) throws -> Plan {
    try Plan(self, microBatch: microBatch, precision: precision, keepingRows: keepingRows)
  }

  /// The same; where the last layer is dense, and all outputs of a micro-batch are more than `outputsAtATime` floats, the plan
  /// gives them some rows at a time: see `OutputChunks`.
  package func plan(microBatch: Int, precision: NumberFormat = .float32, outputsAtATime: Int?) throws -> Plan {
    try Plan(self, microBatch: microBatch, precision: precision, outputsAtATime: outputsAtATime)
  }
}

/// Collects the layers of a network, with `if`, `else` and `for`.
@resultBuilder
public enum LayerBuilder {
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
