import Diagnostics
import Tensors

/// A network unrolled: its operations in the order of the forward pass, and the tensors between them.
///
/// Every tensor has one writer and one reader, since a fork gives each of its readers a tensor of its own (in the same
/// memory). Operation i runs forward at time i and backward at time 2n - i; the loss is at time n.
package struct Graph {
  package struct Tensor {
    package let shape: Shape
    /// Whether something that learns comes before it, so that its gradient is wanted.
    let learns: Bool
    /// Where it holds nothing but features of a sample as they came: which; nil for what layers computed.
    var columns: Range<Int>?
    /// Which of `sequences` its positions are of, whose end is known; nil: all are real.
    package var sequence: Int?
    /// What its numbers are kept as.
    var precision = NumberFormat.float32
  }

  package enum Action {
    case layer(any Layer, number: Int, slots: [Int])
    case fork
    case join(Join)
  }

  package struct Operation {
    package let action: Action
    /// `2.0`, as in the names of its slots.
    package let path: String
    package let inputs: [Int]
    package let outputs: [Int]

    /// `2.0 (dense)`; nil where it computes nothing.
    package var name: String? {
      switch action {
      case .layer(let layer, _, _): "\(path) (\(type(of: layer).kind))"
      case .join(let join): "\(path) (\(join.rawValue))"
      case .fork: nil
      }
    }
  }

  /// The first is the network's input.
  package internal(set) var tensors: [Tensor]
  package internal(set) var operations: [Operation] = []
  package private(set) var output = 0
  package internal(set) var layout = ParameterLayout()
  /// What each slot starts as, in the layout's order.
  private(set) var parameters: [Parameter] = []
  /// Why no order of the slots would make a checkpoint mean the same in PyTorch; nil where one does.
  var orderConflict: Failure?
  /// Of a sample's forward pass.
  private(set) var multiplyAdds = 0
  /// The sequences of tokens whose ends a padding token tells.
  package private(set) var sequences: [PaddedTokens] = []
  private var layerCount = 0
  /// Of each encoder-decoder around what is appended, the innermost last: the tensors of its memory that have no reader yet.
  var memories: [[Int]] = []
  /// After how many epochs each slot begins to learn, in the layout's order.
  private(set) var releases: [Int] = []
  private let freezing: Freezing
  private let adapter: Adapter?

  /// Elements, 256 GiB of floats: times the samples of a micro-batch they do not overflow.
  private static let largestSample = 1 << 36

  /// Throws a `Failure` that names the layer and its index.
  package init(_ network: Network, precision: NumberFormat = .float32) throws {
    tensors = [Tensor(shape: network.input, learns: false, columns: 0..<network.input.count)]
    (freezing, adapter) = (network.freezing, network.adapter)
    output = try append(network.layers, to: 0, path: "")
    try adapter?.requireFit(operations.flatMap(\.adapterPlaces))
    try freezing.requireFit(layout.slots.map(\.name))
    orderSlots()
    if precision == .bfloat16 { keepBFloat16() }
  }

  /// Appends layers one after the other; returns the tensor at their end.
  mutating func append(_ layers: [any Layer], to input: Int, path: String) throws -> Int {
    var (tensor, index) = (input, 0)
    for layer in layers {
      tensor = try append(layer, to: tensor, path: "\(path)\(layer.ownName ?? "\(index)")")
      if layer.ownName == nil { index += 1 }
    }
    return tensor
  }

  private mutating func append(_ layer: any Layer, to input: Int, path: String) throws -> Int {
    if let block = layer as? EncoderDecoder { return try append(block, to: input, path: path) }
    if let combinator = layer as? any Combinator { return try append(combinator, to: input, path: path) }
    let layer = try adapter?.adapted(layer, at: path, besides: freezing.except) ?? layer
    let (shape, number) = (tensors[input].shape, layerCount)
    layerCount += 1
    let memory = try (layer as? any MemoryLayer).map { try ($0, nextMemory(for: $0, path)) }
    let memoryShape = memory.map { tensors[$1].shape }
    let outputShape = try Self.located(layer, path) {
      let output =
        if let (layer, _) = memory { try layer.outputShape(for: shape, memory: memoryShape!) } else {
          try layer.outputShape(for: shape)
        }
      guard output.count < Self.largestSample else {
        throw ShapeError(type(of: layer).kind, expected: "fewer than 2³⁶ elements a sample", found: output)
      }
      return output
    }
    let declared = memory.map { $0.0.parameters(for: shape, memory: memoryShape!) } ?? layer.parameters(for: shape)
    let begins = freezing.releases(of: declared.map { ("\(path).\($0.name)", $0.role.isLearned) })
    let slots = try zip(declared, begins).map { parameter, begin in
      if let place = parameter.tied { return try slot(ofEmbeddingAt: place, for: parameter, of: layer, path) }
      parameters.append(parameter)
      releases.append(begin)
      return layout.append(
        "\(path).\(parameter.name)", parameter.shape, role: parameter.role, isFrozen: begin == Freezing.never)
    }
    let inputs = [input] + (memory.map { [$1] } ?? [])
    multiplyAdds += multiplyAdds(of: layer, inputs)
    return add(
      .layer(layer, number: number, slots: slots), path, inputs, outputShape,
      learns: inputs.contains { tensors[$0].learns } || slots.contains { !layout.slots[$0].isFrozen },
      columns: tensors[input].columns.flatMap { layer.columns($0, of: shape) },
      sequence: sequence(behind: layer, of: input, outputShape))
  }

  /// Of a sample's forward pass through a layer with these inputs.
  func multiplyAdds(of layer: any Layer, _ inputs: [Int]) -> Int {
    let shape = tensors[inputs[0]].shape
    guard let reader = layer as? any MemoryLayer else { return layer.multiplyAdds(for: shape) }
    return reader.multiplyAdds(for: shape, memory: tensors[inputs[1]].shape)
  }

  /// Which sequence the output of a layer is of, the one of its input `input` or one that it tells the end of.
  private mutating func sequence(behind layer: any Layer, of input: Int, _ output: Shape) -> Int? {
    let shape = tensors[input].shape
    guard output.rank == 2, output[0] == shape[0] else { return nil }
    guard let token = layer.paddingToken else { return layer.keepsPositions ? tensors[input].sequence : nil }
    let sequence = PaddedTokens(
      tokens: tensors[input].columns.map { .features($0) } ?? .tensor(input), padding: token, positions: shape[0])
    if let known = sequences.firstIndex(of: sequence) { return known }
    sequences.append(sequence)
    return sequences.count - 1
  }

  mutating func add(
    _ action: Action, _ path: String, _ inputs: [Int], _ shape: Shape, learns: Bool, columns: Range<Int>? = nil,
    sequence: Int? = nil
  ) -> Int {
    tensors.append(Tensor(shape: shape, learns: learns, columns: columns, sequence: sequence))
    operations.append(Operation(action: action, path: path, inputs: inputs, outputs: [tensors.count - 1]))
    return tensors.count - 1
  }

  /// Turns a `ShapeError` into a failure that says which layer, and what to change.
  static func located<T>(_ layer: any Layer, _ path: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as ShapeError {
      let place = path.split(separator: ".")
      let last = Int(place.last ?? "") ?? 0
      let before = (place.dropLast() + ["\(last - 1)"]).joined(separator: ".")
      let isFirst = place.count == 1 && last == 0
      throw Failure(
        .badConfiguration, at: "model.\(path) (\(error.layer))", "expected \(error.expected), found \(error.found)",
        cure: isFirst
          ? "change the model's input or this layer"
          : last == 0 ? "change this layer or what comes before its block" : "change this layer or layer \(before)")
    }
  }
}
