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
  package private(set) var tensors: [Tensor]
  package private(set) var operations: [Operation] = []
  package private(set) var output = 0
  package private(set) var layout = ParameterLayout()
  /// What each slot starts as, in the layout's order.
  private(set) var parameters: [Parameter] = []
  /// Why no order of the slots would make a checkpoint mean the same in PyTorch; nil where one does.
  private(set) var orderConflict: Failure?
  /// Of a sample's forward pass.
  private(set) var multiplyAdds = 0
  /// The sequences of tokens whose ends a padding token tells.
  package private(set) var sequences: [PaddedTokens] = []
  private var layerCount = 0
  /// Of each encoder-decoder around what is appended, the innermost last: the tensors of its memory that have no reader yet.
  private var memories: [[Int]] = []
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
    try adapter?.requireFit(operations.filter(\.isDense).map(\.path))
    try freezing.requireFit(layout.slots.map(\.name))
    orderSlots()
    if precision == .bfloat16 { keepBFloat16() }
  }

  /// Has those tensors kept as bfloat16 whose writer and whose reader take them so, where there is one of each.
  ///
  /// Tensors that an operation has alike are kept so together or not at all.
  private mutating func keepBFloat16() {
    var (written, read) = (Set<Int>(), Set<Int>())
    /// By tensor: another one that it is like, which leads to the same one for all of them; itself, at the end.
    var like = Array(tensors.indices)
    func last(_ tensor: Int) -> Int {
      var tensor = tensor
      while like[tensor] != tensor {
        // The way becomes half as long, for whoever comes later.
        like[tensor] = like[like[tensor]]
        tensor = like[tensor]
      }
      return tensor
    }
    for operation in operations {
      // What stands for many numbers is rounded as they are.
      let taken = isGate(operation) ? .alike : operation.bfloat16Tensors
      if !taken.isDisjoint(with: [.output, .alike]) { written.formUnion(operation.outputs) }
      if !taken.isDisjoint(with: [.input, .alike]) { read.formUnion(operation.inputs) }
      guard taken.contains(.alike) || operation.sharesMemory else { continue }
      for tensor in operation.inputs + operation.outputs { like[last(tensor)] = last(operation.outputs[0]) }
    }
    let floats = Set(tensors.indices.filter { !written.contains($0) || !read.contains($0) }.map(last))
    for tensor in tensors.indices where !floats.contains(last(tensor)) { tensors[tensor].precision = .bfloat16 }
  }

  /// Whether an operation multiplies one branch by a number for each of its channels, the other.
  func isGate(_ operation: Operation) -> Bool {
    guard case .join(let join) = operation.action else { return false }
    return join.gated(operation.inputs.map { tensors[$0].shape }) != nil
  }

  /// What a tensor of `microBatch` samples is of, and how many numbers it has.
  func form(of tensor: Int, microBatch: Int) -> TensorForm {
    TensorForm(precision: tensors[tensor].precision, count: tensors[tensor].shape.count * microBatch)
  }

  /// Whether the values of an operation's input and output may share memory.
  func valuePlacement(of operation: Operation) -> Placement { possible(operation.valuePlacement, operation) }

  /// Whether their gradients may share memory.
  func gradientPlacement(of operation: Operation) -> Placement { possible(operation.gradientPlacement, operation) }

  /// What is of another precision than what it is made of is written beside it.
  private func possible(_ placement: Placement, _ operation: Operation) -> Placement {
    let isSame = tensors[operation.inputs[0]].precision == tensors[operation.outputs[0]].precision
    return placement == .inPlace && !isSame ? .apart : placement
  }

  /// Appends layers one after the other; returns the tensor at their end.
  private mutating func append(_ layers: [any Layer], to input: Int, path: String) throws -> Int {
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
    let layer = try adapter?.adapted(layer, at: path) ?? layer
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

  /// The memory that a layer reads: each of its readers has a tensor of its own.
  private mutating func nextMemory(for layer: any Layer, _ path: String) throws -> Int {
    guard let nearest = memories.indices.last else {
      throw Failure(
        .badConfiguration, at: "model.\(path) (\(type(of: layer).kind))",
        "expected an encoder-decoder around it, in whose decoder it stands, found none",
        cure: "write encoder-decoder: {encoder: […], decoder: […]}, or take attention, which reads its own input")
    }
    return memories[nearest].removeFirst()
  }

  /// The encoder, and the decoder whose layers read what it makes.
  private mutating func append(_ block: EncoderDecoder, to input: Int, path: String) throws -> Int {
    let readers = block.readers
    guard readers > 0 else {
      throw Failure(
        .badConfiguration, at: "model.\(path) (\(EncoderDecoder.kind))",
        "expected a cross-attention in its decoder, found none that reads the encoder",
        cure: "add {cross-attention: {heads: 4}} to it, or take the decoder's layers alone")
    }
    let heads = fork(input, to: 2, path)
    let memory = try append(block.encoder, to: heads[0], path: "\(path).0.")
    memories.append(readers > 1 ? fork(memory, to: readers, path) : [memory])
    defer { memories.removeLast() }
    return try append(block.decoder, to: heads[1], path: "\(path).1.")
  }

  /// Tensors for several readers of one, in its memory.
  private mutating func fork(_ tensor: Int, to readers: Int, _ path: String) -> [Int] {
    let heads = (0..<readers).map { tensors.count + $0 }
    for _ in heads { tensors.append(tensors[tensor]) }
    operations.append(Operation(action: .fork, path: path, inputs: [tensor], outputs: heads))
    return heads
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

  /// The table of an embedding before, which a parameter is.
  private func slot(
    ofEmbeddingAt place: String, for parameter: Parameter, of layer: any Layer, _ path: String
  ) throws -> Int {
    func failure(_ fault: String, _ cure: String) -> Failure {
      Failure(.badConfiguration, at: "model.\(path) (\(type(of: layer).kind))", fault, cure: cure)
    }
    let embeddings = operations.filter(\.isEmbedding)
    guard let embedding = embeddings.first(where: { $0.path == place }) else {
      let places = embeddings.map(\.path)
      throw failure(
        "expected tied to name an embedding before it (\(places.isEmpty ? "there is none" : places.joined(separator: ", "))), "
          + "found '\(place)'", places.first.map { "write tied: \($0), or leave it out" } ?? "leave tied out")
    }
    let (slot, shape) = (embedding.slots[0], layout.slots[embedding.slots[0]].shape)
    guard shape == parameter.shape else {
      throw failure(
        "expected weights of \(shape), as the embedding at \(place) has, found \(parameter.shape)",
        "give it \(shape[0]) units and an input of \(shape[1]) a row, or leave tied out")
    }
    return slot
  }

  private mutating func append(_ combinator: any Combinator, to input: Int, path: String) throws -> Int {
    let branches = combinator.branches
    guard let join = combinator.join else { return try append(branches[0], to: input, path: "\(path).") }
    let heads = fork(input, to: branches.count, path)
    let isSingle = branches.count { !$0.isEmpty } == 1
    let ends = try branches.enumerated().map { number, layers in
      try append(layers, to: heads[number], path: isSingle ? "\(path)." : "\(path).\(number).")
    }
    let shape = try Self.located(combinator, path) { try combinator.joinedShape(ends.map { tensors[$0].shape }) }
    return add(
      .join(join), path, ends, shape, learns: ends.contains { tensors[$0].learns },
      sequence: shape.rank == 2 ? try commonSequence(of: ends, combinator, path) : nil)
  }

  /// Gives the slots behind flattened pictures PyTorch's order.
  private mutating func orderSlots() {
    let orders = FeatureOrders(self)
    if let operation = orders.conflict {
      orderConflict = operation.orderConflict
      return
    }
    let firstUses = self.firstUses
    for (place, operation) in operations.enumerated() {
      // A tied slot has the order of an embedding, whose rows are tokens.
      let isTied = operation.slots.contains { firstUses[$0] < place }
      if isTied,
        [operation.inputs[0], operation.outputs[0]].contains(where: { orders.order(of: $0)?.isPlain == false })
      {
        orderConflict = operation.orderConflict
        return
      }
      for slot in operation.slots where firstUses[slot] == place {
        let axes = parameters[slot].axes.map { axis -> FeatureOrder? in
          switch axis {
          case .input: orders.order(of: operation.inputs[0])
          case .output: orders.order(of: operation.outputs[0])
          case .inner: nil
          }
        }
        layout.setOrder(ofSlot: slot, rows: axes.first ?? nil, columns: axes.count > 1 ? axes[1] : nil)
      }
    }
  }

  private mutating func add(
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

extension Graph {
  /// By slot: the place of the first operation that has it, whose backward pass is the last to write its gradient.
  var firstUses: [Int] { uses { first, _ in first } }
  /// Of the last one, whose backward pass begins it.
  var lastUses: [Int] { uses { _, last in last } }

  private func uses(_ choose: (Int, Int) -> Int) -> [Int] {
    var found = [Int?](repeating: nil, count: layout.slots.count)
    for (place, operation) in operations.enumerated() {
      for slot in operation.slots { found[slot] = found[slot].map { choose($0, place) } ?? place }
    }
    return found.map { $0! }
  }
}

extension Graph.Operation {
  fileprivate var isEmbedding: Bool { if case .layer(let layer, _, _) = action { layer is Embedding } else { false } }

  /// Whether it is a dense layer, with an adapter or without.
  fileprivate var isDense: Bool {
    if case .layer(let layer, _, _) = action { layer is Dense || layer is LowRank } else { false }
  }

  /// What it cannot do with the features of a flattened picture.
  fileprivate var orderConflict: Failure {
    let kind = if case .layer(let layer, _, _) = action { "\(path) (\(type(of: layer).kind))" } else { path }
    return Failure(
      .badConfiguration, at: "model.\(kind)",
      "expected features in one order, found those of a picture of several channels, which memory has as "
        + "height×width×channels and PyTorch as channels×height×width",
      cure:
        "put a dense layer between, or select and add before the flatten; a run of an earlier version can go on with "
        + "the version it was started with")
  }

  /// Places in the layout.
  var slots: [Int] {
    if case .layer(_, _, let slots) = action { slots } else { [] }
  }

  /// Which of its tensors may be of bfloat16 numbers. Sums of more than two tensors go on in floats.
  fileprivate var bfloat16Tensors: BFloat16Tensors {
    switch action {
    case .layer(let layer, _, _): layer.bfloat16Tensors
    case .fork: outputs.count > 2 ? [] : .alike
    case .join(.add): inputs.count > 2 ? [] : .alike
    case .join(.multiply): inputs.count > 2 ? [] : [.input, .output]
    case .join(.concatenate): .alike
    }
  }

  /// Whether values or gradients of its input and output are the same memory, whatever they are of.
  fileprivate var sharesMemory: Bool { valuePlacement == .alias || gradientPlacement == .alias }

  /// What backward reads of the values.
  var backwardReads: BackwardReads {
    switch action {
    case .layer(let layer, _, _): layer.backwardReads
    case .join(.multiply): .input
    case .fork, .join(.add), .join(.concatenate): []
    }
  }

  /// Whether the values of input and output may share memory.
  fileprivate var valuePlacement: Placement {
    switch action {
    case .layer(let layer, _, _): layer.placement
    case .fork: .alias
    case .join(.add): .inPlace
    case .join(.multiply), .join(.concatenate): .apart
    }
  }

  /// Whether the gradients of input and output may share memory.
  fileprivate var gradientPlacement: Placement {
    switch action {
    case .layer(let layer, _, _): layer.gradientPlacement
    case .fork: .inPlace
    case .join(.add): .alias
    case .join(.multiply), .join(.concatenate): .apart
    }
  }
}
