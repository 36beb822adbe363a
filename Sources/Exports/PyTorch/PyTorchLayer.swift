import Diagnostics
import Layers
import Tensors

/// A layer that knows its module in PyTorch, whose parameters have the names, shapes and order that checkpoints have.
///
/// ```swift
/// extension Swish: PyTorchLayer {
///   func module(at place: PyTorchPlace) -> String { "nn.SiLU()" }
/// }
/// ```
public protocol PyTorchLayer: Layer {
  /// The Python expression that makes it, by `torch`, `nn`, and what `Python/blocks.py` defines.
  ///
  /// Rows are N×F, sequences N×T×F, pictures N×C×H×W. Throws a `PyTorchMisfit` where it has none.
  func module(at place: PyTorchPlace) throws -> String
}

/// Where a layer stands in a network.
public struct PyTorchPlace: Sendable {
  /// The shape of a sample of its input, a picture as H×W×C.
  public let input: Shape
  /// Of its output.
  public let output: Shape
  /// Whether a row that it reads has a picture's features in PyTorch's order, channel by channel.
  public let readsPicture: Bool
  /// The number of the sequence that its positions are of, where sequences end before the last one; else nil.
  public let sequence: Int?
  /// Of a `MemoryLayer` the shape of what it reads besides, and the sequence of that.
  public let memory: (shape: Shape, sequence: Int?)?
}

/// The text of the expression of a network, with those of its layers in it.
struct PyTorchNetwork {
  private let network: Network
  private let graph: Graph
  private let orders: FeatureOrders
  /// The operations of layers, by their paths.
  private let operations: [String: Graph.Operation]

  init(_ network: Network) throws {
    self.network = network
    graph = try Graph(network)
    orders = FeatureOrders(graph)
    operations = Dictionary(
      graph.operations.compactMap { operation in
        guard case .layer = operation.action else { return nil }
        return (operation.path, operation)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The expression of the whole network, whose tied layers are given the embeddings that they are tied to.
  func expression() throws -> String {
    let pairs = graph.operations.compactMap { operation -> String? in
      guard case .layer(let layer, _, _) = operation.action, let tied = (layer as? Dense)?.tied else { return nil }
      return ", (\(quotedJSON(operation.path)), \(quotedJSON(tied)))"
    }
    let layers = try expression(network.layers)
    return pairs.isEmpty ? layers : "tied(\(layers)\(pairs.joined()))"
  }

  /// `Layers(("0", nn.Linear(4, 2)), …)`, a layer a line. Throws unavailable (69), naming it, where a layer has no module.
  func expression(_ layers: [any Layer], path: String = "", indent: String = "    ") throws -> String {
    guard !layers.isEmpty else { return "Layers()" }
    var (lines, index) = ([String](), 0)
    let own = indent + "    "
    for layer in layers {
      let name = layer.ownName ?? "\(index)"
      if layer.ownName == nil { index += 1 }
      lines.append("\(own)(\(quotedJSON(name)), \(try expression(layer, path: path + name, indent: own))),\n")
    }
    return "Layers(\n\(lines.joined())\(indent))"
  }

  private func expression(_ layer: any Layer, path: String, indent: String) throws -> String {
    if let combinator = layer as? any Combinator {
      let branches = combinator.branches
      if combinator is EncoderDecoder {
        let inner = indent + "    "
        let parts = try branches.enumerated().map { number, layers in
          try inner + expression(layers, path: "\(path).\(number).", indent: inner) + ",\n"
        }
        return "EncoderDecoder(\n\(parts.joined())\(indent))"
      }
      guard let join = combinator.join else { return try expression(branches[0], path: "\(path).", indent: indent) }
      let isSingle = branches.count { !$0.isEmpty } == 1
      let inner = indent + "    "
      let parts = try branches.enumerated().map { number, layers in
        try inner + expression(layers, path: isSingle ? "\(path)." : "\(path).\(number).", indent: inner) + ",\n"
      }
      return "Branches(\n\(inner)\(quotedJSON(join.rawValue)),\n\(parts.joined())\(indent))"
    }
    func failure(_ fault: String, _ cure: String) -> Failure {
      Failure(.unavailable, at: "model.\(path) (\(type(of: layer).kind))", fault, cure: cure)
    }
    guard let known = layer as? any PyTorchLayer, let operation = operations[path] else {
      throw failure(
        "expected a layer with a module in PyTorch, found none", "make it a PyTorchLayer, or export with --onnx")
    }
    let (input, output) = (operation.inputs[0], operation.outputs[0])
    let place = PyTorchPlace(
      input: graph.tensors[input].shape, output: graph.tensors[output].shape,
      readsPicture: orders.order(of: input).map { !$0.isPlain } ?? false,
      sequence: graph.tensors[layer.paddingToken == nil ? input : output].sequence,
      memory: operation.inputs.dropFirst().first.map { (graph.tensors[$0].shape, graph.tensors[$0].sequence) })
    return try known.module(at: place)
  }
}
