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
  /// What the products of a layer of whole numbers round their inputs by, in their order; nil: it is one of floats.
  var scales: [ByteScale]?
  /// The table of an embedding in whole numbers, with a step a row; nil: it is one of floats.
  var table: (numbers: ONNXValue, steps: ONNXValue)?
}

extension ONNXGraph {
  /// Adds the layers of a network; returns its output, `[N] + outputShape`. What `form` names is of whole numbers of 8 bits.
  ///
  /// Throws unavailable (69) where a layer has no form in ONNX.
  package func append(
    _ network: Network, _ parameters: FloatView, to x: ONNXValue,
    integers form: IntegerForm = IntegerForm()
  ) throws -> ONNXValue {
    let graph = try Graph(network)
    // What a fork gives to several readers is one value here.
    var values = [ONNXValue](repeating: x, count: graph.tensors.count)
    // Layers that are tied have one.
    var tables: [Int: ONNXValue] = [:]
    var rounded: [Int: IntegerSlot] = [:]
    func integerSlot(_ number: Int) -> IntegerSlot {
      if let known = rounded[number] { return known }
      let slot = graph.layout.slots[number]
      let made = integers(slot.name, slot.shape, parameters[slot.range])
      rounded[number] = made
      return made
    }
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
        guard let known = layer as? any ONNXLayer else {
          throw Self.unknown(layer, at: operation.path)
        }
        let (shape, memoryShape) = graph.shapes(of: operation)
        let products = form.products(
          of: layer, at: operation.path, input: shape, memory: memoryShape)
        let isTable = layer is any IntegerTableLayer && form.tables.contains(operation.path)
        let own = slots.enumerated().map { place, number -> ONNXValue in
          if products?.contains(where: { $0.product.slot == place }) == true {
            return factor(integerSlot(number))
          }
          // Its rows are read from another.
          if isTable { return .absent }
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
        sides.scales = products?.map(\.scale)
        if isTable { sides.table = integerSlot(slots[0]) }
        let read = operand(inputs[0], of: 0)
        values[output] = try known.append(
          to: self, read, of: graph.tensors[input].shape, parameters: own)
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
