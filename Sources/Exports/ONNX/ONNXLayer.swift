import Diagnostics
import Kernels
import Layers
import Tensors

/// A layer that knows its form in ONNX.
///
/// ```swift
/// extension Swish: ONNXLayer {
///   func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
///     graph.add("Mul", x, graph.add("Sigmoid", x))
///   }
/// }
/// ```
public protocol ONNXLayer: Layer {
  /// Adds what it computes in evaluation; returns its output.
  ///
  /// - Parameters:
  ///   - x: its input, `[N] + shape` in single precision, a picture as `[N, H, W, C]`.
  ///   - parameters: its slots, as `parameters(for:)` lists them and with the shapes that they have there.
  func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) throws -> ONNXValue
}

/// What a layer knows besides its input while it is appended.
public struct ONNXSides {
  /// How many positions of each sample of its input are real, `[N]` whole numbers; nil: all. A layer with a padding token sets it.
  public var lengths: ONNXValue?
  /// Of a `MemoryLayer` what it reads besides, of a sample's shape, and how many positions of that are real.
  public internal(set) var memory: (value: ONNXValue, shape: Shape, lengths: ONNXValue?)?
}

extension ONNXGraph {
  /// Adds the layers of a network; returns its output, `[N] + outputShape`. Layers at `scales` compute with whole numbers of 8 bits.
  ///
  /// Throws unavailable (69) where a layer has no form in ONNX.
  package func append(
    _ network: Network, _ parameters: FloatView, to x: ONNXValue, scales: ByteScales = [:]
  ) throws -> ONNXValue {
    let graph = try Graph(network)
    // What a fork gives to several readers is one value here.
    var values = [ONNXValue](repeating: x, count: graph.tensors.count)
    // Layers that are tied have one.
    var tables: [Int: ONNXValue] = [:]
    // By the graph's sequences, once their embedding has been appended.
    var lengths = [ONNXValue?](repeating: nil, count: graph.sequences.count)
    func ends(of tensor: Int) -> ONNXValue? { graph.tensors[tensor].sequence.flatMap { lengths[$0] } }
    for operation in graph.operations {
      place = operation.path
      let inputs = operation.inputs.map { values[$0] }
      switch operation.action {
      case .fork: for output in operation.outputs { values[output] = inputs[0] }
      case .join(let join):
        let shapes = operation.inputs.map { graph.tensors[$0].shape }
        values[operation.outputs[0]] = append(join, of: zip(inputs, shapes).map { widened($0, $1, among: shapes) })
      case .layer(let layer, _, let slots):
        guard let known = layer as? any ONNXLayer else { throw Self.unknown(layer, at: operation.path) }
        let scale = scales[operation.path]
        let own = slots.enumerated().map { place, number -> ONNXValue in
          if place == 0, scale != nil {
            let slot = graph.layout.slots[number]
            return integers(slot.name, slot.shape, parameters[slot.range])
          }
          if let table = tables[number] { return table }
          let slot = graph.layout.slots[number]
          let table = parameter(slot.name, slot.shape, parameters[slot.range])
          tables[number] = table
          return table
        }
        let (input, output) = (operation.inputs[0], operation.outputs[0])
        sides = ONNXSides(lengths: ends(of: input))
        if let memory = operation.inputs.dropFirst().first {
          sides.memory = (values[memory], graph.tensors[memory].shape, ends(of: memory))
        }
        let read = scale.map { rounded(inputs[0], by: $0) } ?? inputs[0]
        values[output] = try known.append(to: self, read, of: graph.tensors[input].shape, parameters: own)
        if layer.paddingToken != nil, let sequence = graph.tensors[output].sequence {
          lengths[sequence] = sides.lengths
        }
      }
    }
    place = ""
    return values[graph.output]
  }

  /// A number for each channel, beside what has positions too, with axes of one for these.
  private func widened(_ branch: ONNXValue, _ shape: Shape, among shapes: [Shape]) -> ONNXValue {
    let rank = shapes.reduce(0) { max($0, $1.rank) }
    guard shape.rank < rank else { return branch }
    return reshape(branch, to: [Int](repeating: 1, count: rank - shape.rank) + shape.extents)
  }

  private func append(_ join: Join, of branches: [ONNXValue]) -> ONNXValue {
    switch join {
    // One after the other, as the network adds them.
    case .add: branches.dropFirst().reduce(branches[0]) { add("Add", $0, $1) }
    case .multiply: branches.dropFirst().reduce(branches[0]) { add("Mul", $0, $1) }
    case .concatenate: add("Concat", all: branches, with: ["axis": .int(-1)])
    }
  }

  private static func unknown(_ layer: any Layer, at path: String) -> Failure {
    Failure(
      .unavailable, at: "model.\(path) (\(type(of: layer).kind))", "expected a layer with a form in ONNX, found none",
      cure: "make it an ONNXLayer, or export with --pytorch")
  }
}
