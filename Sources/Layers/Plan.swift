import Diagnostics
import Kernels
import Tensors

/// A network bound to a micro-batch: the layout of the parameters, the places of all tensors, the bound layers.
///
/// Made once; lanes made from it allocate all their memory at once, and their passes allocate nothing.
public struct Plan: Sendable {
  package let network: Network
  /// Samples a pass.
  package let microBatch: Int
  /// What products take their factors as.
  package let precision: NumberFormat
  /// The one table of the parameters.
  package let layout: ParameterLayout
  /// Why a checkpoint of this network would mean something else in PyTorch; nil where it means the same.
  package let orderConflict: Failure?
  /// The shape of one sample of the network's output.
  package let outputShape: Shape
  /// The layers in the order of the forward pass, those inside of blocks too.
  package let steps: [Step]
  /// What the forward pass does, in its order, with forks and joins.
  package let operations: [Graph.Operation]
  /// Which of them others do.
  let fusion: Fusion
  /// What the backward pass does, in its order: places in `operations`.
  package let backwardOperations: [Int]
  /// Of a sample's forward pass; backward takes twice as many.
  package let multiplyAdds: Int
  /// What each slot of the layout starts as, in the layout's order.
  let parameters: [Parameter]
  private let forward: [any BoundLayer]
  /// Of the layers alone, by their numbers.
  let layers: [any BoundLayer]
  private let backward: [any BoundLayer]
  /// The slots whose gradients each operation of the backward pass completes. One that a later layer has too, as a tied one has
  /// an embedding's, was begun by that; each slot is completed once.
  package let backwardSlots: [[Int]]
  /// Where each slot lies in a staging buffer, and how many floats that has.
  private let stagingStarts: [Int]
  package let stagingCount: Int
  /// Where outputs are computed some rows at a time: those, and the layer that computes them, the last of all.
  let chunked: (chunks: OutputChunks, layer: any ChunkedLayer)?
  /// By slot: how wide the rows of a table are of which backward may write a few; nil where it writes the whole slot.
  private let rowWidths: [Int?]
  private let memory: MemoryPlan
  private let forms: [TensorForm]
  private let workspaces: [Workspace]
  /// What learns when; the first from the beginning on.
  package let stages: [LearningStage]
  /// Where each slot lies in what takes gradients that nobody wants, and how many floats that has; those of layers that do not
  /// compute them have no place.
  private let discards: [Int?]
  private let discardCount: Int
  private let output: Int
  /// The sequences whose ends lanes know.
  private let sequences: [PaddedTokens]
  /// Which of them the outputs are of, a row a position; nil: all rows of outputs are real.
  package let outputSequence: Int?

  /// A layer as it stands in the network.
  public struct Step: Sendable {
    /// `2.0`, as in the names of its slots.
    package let path: String
    package let layer: any Layer
    package let outputShape: Shape
    /// Places in the layout's slots.
    package let slots: [Int]
    /// Of a sample's forward pass.
    package let multiplyAdds: Int
    /// The features of a sample that it reads as they came; nil where it reads what layers computed.
    package let inputColumns: Range<Int>?
  }

  /// The layers of the forward pass once more, where it may go some rows at a time.
  let rowwise: [any RowwiseLayer]?

  /// The layers that compute with whole numbers; others follow on floats.
  let integers: [Integers]
  /// By operation: the places of its products that could be of whole numbers.
  let integerPlaces: [[String]]

  init(
    _ network: Network, microBatch: Int, precision: NumberFormat = .float32,
    sharingMemory: Bool = true,
    keepingRows: Bool = false, outputsAtATime: Int? = nil, integers form: IntegerForm = .none
  ) throws {
    precondition(microBatch > 0, "a micro-batch has at least one sample, found \(microBatch)")
    let graph = try Graph(network, precision: precision)
    self.network = network
    self.microBatch = microBatch
    (sequences, outputSequence) = (graph.sequences, graph.tensors[graph.output].sequence)
    (layout, parameters, multiplyAdds, output) = (graph.layout, graph.parameters, graph.multiplyAdds, graph.output)
    orderConflict = graph.orderConflict
    outputShape = graph.tensors[graph.output].shape
    self.precision = precision
    let chunks = outputsAtATime.flatMap { OutputChunks(graph, microBatch: microBatch, precision: precision, count: $0) }
    precondition(chunks == nil || !keepingRows, "outputs are kept, or come some rows at a time")
    var forms = graph.tensors.indices.map { graph.form(of: $0, microBatch: microBatch) }
    if let chunks { forms[graph.output] = TensorForm(precision: .float32, count: chunks.count) }
    self.forms = forms
    var (forward, backward, layers) = ([any BoundLayer](), [any BoundLayer](), [any BoundLayer]())
    var (steps, backwardSlots, backwardOperations) = ([Step](), [[Int]](), [Int]())
    var integers: [Integers] = []
    let fusion =
      sharingMemory && form.isNone ? Fusion(graph, leaving: chunks == nil ? 0 : 1) : .none
    let (firstUses, lastUses) = (graph.firstUses, graph.lastUses)
    for (place, operation) in graph.operations.enumerated() {
      let begun = Set(operation.slots.filter { lastUses[$0] > place })
      let bound = fusion.joined(
        try graph.bind(operation, microBatch: microBatch, precision: precision, begun: begun, form),
        at: place)
      forward.append(fusion.absorbsForward(place) ? Absorbed() : bound)
      if graph.runsBackward(operation) {
        backward.append(fusion.absorbsBackward(place) ? Absorbed() : bound)
        backwardSlots.append(operation.slots.filter { firstUses[$0] == place && !graph.layout.slots[$0].isFrozen })
        backwardOperations.append(place)
      }
      guard case .layer(let layer, _, let slots) = operation.action else { continue }
      layers.append(bound)
      let output = graph.tensors[operation.outputs[0]].shape
      steps.append(
        Step(
          path: operation.path, layer: layer, outputShape: output, slots: slots,
          multiplyAdds: graph.multiplyAdds(of: layer, operation.inputs),
          inputColumns: graph.tensors[operation.inputs[0]].columns))
      let (input, memory) = graph.shapes(of: operation)
      let products = form.products(of: layer, at: operation.path, input: input, memory: memory)
      if products != nil || layer is any IntegerTableLayer && form.tables.contains(operation.path) {
        integers.append(
          Integers(
            layer: layer, number: layers.count - 1, slots: slots, input: input,
            products: products ?? []))
      }
    }
    self.integers = integers
    integerPlaces = graph.operations.map { operation in
      graph.integerProducts(of: operation).map { $0.place(in: operation.path) }
    }
    (self.forward, self.backward, self.layers) = (forward, backward.reversed(), layers)
    (self.steps, workspaces) = (steps, layers.map(\.workspace))
    let parts = keepingRows && microBatch == 1 ? forward.compactMap { $0 as? any RowwiseLayer } : []
    rowwise = !parts.isEmpty && parts.count == forward.count && parts.allSatisfy(\.isRowwise) ? parts : nil
    chunked = chunks.flatMap { chunks in (forward.last as? any ChunkedLayer).map { (chunks, $0) } }
    memory = MemoryPlan(
      graph, microBatch: microBatch, workspaces: workspaces, fusion: fusion, outputCount: chunks?.count,
      sharing: !sharingMemory ? .none : rowwise == nil ? .all : .afterForward)
    self.backwardSlots = backwardSlots.reversed()
    (operations, self.backwardOperations, self.fusion) = (graph.operations, backwardOperations.reversed(), fusion)
    (stagingStarts, stagingCount) = layout.packed(
      backwardSlots,
      apart: Set(layout.slots.indices.filter { firstUses[$0] < lastUses[$0] && !graph.layout.slots[$0].isFrozen }))
    stages = try LearningStage.all(of: graph, releases: graph.releases, backward: self.backwardOperations)
    (discards, discardCount) = Self.discards(graph, self.backwardOperations, self.backward)
    var rowWidths = [Int?](repeating: nil, count: layout.slots.count)
    for (slot, width) in backward.flatMap(\.sparseSlots) where !graph.layout.slots[slot].isFrozen {
      rowWidths[slot] = width
    }
    self.rowWidths = rowWidths
    try require(form)
  }

  /// Places for gradients of slots that do not learn, or not yet, and whose layers compute them all the same.
  private static func discards(
    _ graph: Graph, _ places: [Int], _ layers: [any BoundLayer]
  ) -> (places: [Int?], count: Int) {
    var (discards, count) = ([Int?](repeating: nil, count: graph.layout.slots.count), 0)
    for (place, layer) in zip(places, layers) where !layer.leavesFrozenSlots {
      var next = 0
      for slot in graph.operations[place].slots where graph.releases[slot] != 0 {
        discards[slot] = next
        next += (graph.layout.slots[slot].range.count + 15) / 16 * 16
      }
      count = max(count, next)
    }
    return (discards, count)
  }

  /// What keeps the touched rows of a gradient buffer, by slot; nil where backward writes the whole slot.
  package func makeTouchedRows() -> [TouchedRows?] {
    zip(layout.slots, rowWidths).map { slot, width in
      width.map { TouchedRows(rows: slot.range.count / $0, width: $0) }
    }
  }

  /// The products of a pass with slots, and how often it has each: more than once where outputs come some rows at a time.
  var weightProducts: [(product: WeightProduct, timesAPass: Int)] {
    let chunks = chunked.map { Array($0.chunks.starts).count } ?? 1
    return forward.enumerated().flatMap { place, layer in
      let times = place == forward.count - 1 ? chunks : 1
      return ((layer as? any WeightProductLayer)?.weightProducts ?? []).map { product in
        let rows = times > 1 ? min(product.otherRows, chunked!.chunks.rowsAtATime) : product.otherRows
        return (
          WeightProduct(
            slot: product.slot, rows: product.rows, columns: product.columns, isTransposed: product.isTransposed,
            otherRows: rows), times
        )
      }
    }
  }

  /// Floats of one lane's activations, their gradients and what layers want besides.
  package var arenaCount: Int { memory.count }

  /// A lane on `parameters`, which it borrows: they must outlive it. `seed` keys what its layers draw.
  public func makeLane(parameters: FloatView, seed: UInt64) -> Lane {
    let arena = FlatBuffer(count: memory.count)
    func views(_ offsets: [Int?], _ counts: [Int]) -> [FloatView?] {
      zip(offsets, counts).map { offset, count in offset.map { arena.view[$0..<$0 + count] } }
    }
    return Lane(
      values: views(memory.values, forms.map(\.floats)), gradients: views(memory.gradients, forms.map(\.floats)),
      forms: forms, output: output,
      saved: views(memory.saved, workspaces.map(\.saved)),
      forwardScratch: views(memory.forwardScratch, workspaces.map(\.forward)),
      backwardScratch: views(memory.backwardScratch, workspaces.map(\.backward)),
      parameters: parameters, layout: layout, stagingStarts: stagingStarts, stages: stages,
      discards: discards, discard: FlatBuffer(count: discardCount), microBatch: microBatch,
      random: Philox(seed: seed, purpose: .dropout),
      lengths: sequences.map { SequenceLengths(samples: microBatch, positions: $0.positions) },
      realClasses: outputSequence.map {
        NumberBuffer(count: microBatch * sequences[$0].positions, repeating: 0)
      }, arena: arena)
  }

  /// Whether `forward` leaves all outputs in `lane.output`; else `forEachOutput` and `passOutputs` give them.
  package var keepsOutputs: Bool { chunked == nil }

  /// Overwrites `lane.output` from the input, whose content may be lost.
  ///
  /// Calls `body` when an operation has written its outputs, which may lie where later ones write.
  public func forward(_ lane: borrowing Lane, body: (_ operation: Int) -> Void = { _ in }) {
    for (place, layer) in forward.dropLast(keepsOutputs ? 0 : 1).enumerated() {
      lane.progress?.reach(place)
      layer.forward(lane)
      body(place)
    }
  }

  /// Overwrites the lane's leaf from `lane.outputGradient`, whose content is lost. Where outputs came some rows at a time,
  /// `passOutputs` has done it for the last layer.
  ///
  /// Calls `body` when the gradients of an operation's slots are written: `backwardSlots[operation]`.
  public func backward(_ lane: borrowing Lane, body: (_ operation: Int) -> Void = { _ in }) {
    for (place, layer) in backward.enumerated() {
      lane.progress?.reach(forward.count - 1 - place)
      if place > 0 || keepsOutputs, stages[lane.stage].runs[place] { layer.backward(lane) }
      body(place)
    }
  }

  /// Targets, a class a position, with `ignored` for those of positions that are padding, behind `forward`: lent until the next
  /// call. Other targets, and all where `ignored` is nil, as they are.
  package func real(_ targets: Targets, _ lane: borrowing Lane, ignored: Int32?) -> Targets {
    guard let outputSequence, let ignored, let real = lane.realClasses, case .classes(let classes) = targets,
      classes.count == real.elements.count
    else { return targets }
    let T = sequences[outputSequence].positions
    for sample in 0..<microBatch {
      let length = lane.lengths[outputSequence][sample]
      for position in 0..<T {
        real.elements[sample * T + position] = position < length ? classes[sample * T + position] : ignored
      }
    }
    return .classes(UnsafeBufferPointer(real.elements))
  }

  /// Overwrites the slots of `buffer` with their start values under `seed`.
  public func initialise(_ buffer: FloatView, seed: UInt64) {
    for (stream, (slot, parameter)) in zip(layout.slots, parameters).enumerated() {
      parameter.initialiser.fill(
        buffer[slot.range], seed: seed, stream: stream, fanIn: parameter.fanIn, fanOut: parameter.fanOut)
    }
  }
}

extension Graph {
  fileprivate func bind(
    _ operation: Operation, microBatch: Int, precision: NumberFormat, begun: Set<Int>,
    _ form: IntegerForm
  ) throws -> any BoundLayer {
    let (inputs, outputs) = (operation.inputs, operation.outputs)
    let output = tensors[outputs[0]]
    switch operation.action {
    case .fork: return BoundFork(x: inputs[0], branches: outputs, wantsInputGradient: tensors[inputs[0]].learns)
    case .join(.add): return BoundAdd(branches: inputs, y: outputs[0])
    case .join(.multiply) where isGate(operation):
      let (x, gate) = tensors[inputs[0]].shape == output.shape ? (inputs[0], inputs[1]) : (inputs[1], inputs[0])
      return BoundChannelGate(
        x: (x, tensors[x].learns), gate: (gate, tensors[gate].learns), y: outputs[0], C: output.shape.extents.last!)
    case .join(.multiply):
      return BoundMultiply(branches: inputs.map { ($0, tensors[$0].learns) }, y: outputs[0])
    case .join(.concatenate):
      return BoundConcatenation(
        branches: inputs.map { ($0, tensors[$0].shape.extents.last!, tensors[$0].learns) }, y: outputs[0],
        columns: output.shape.extents.last!, isRowwise: output.shape.rank == 2)
    case .layer(let layer, let number, let slots):
      let input = tensors[inputs[0]]
      let binding = Binding(
        microBatch: microBatch, inputShape: input.shape, outputShape: output.shape, precision: precision,
        inputFormat: input.precision, outputFormat: output.precision,
        input: inputs[0], output: outputs[0], slots: slots, begunSlots: begun, wantsInputGradient: input.learns,
        lengths: layer.paddingToken == nil ? input.sequence : output.sequence,
        memory: inputs.dropFirst().first.map { memory in
          Binding.Memory(
            place: memory, shape: tensors[memory].shape, lengths: tensors[memory].sequence,
            wantsGradient: tensors[memory].learns)
        }, index: number)
      if form.products(
        of: layer, at: operation.path, input: input.shape, memory: binding.memory?.shape) != nil
      {
        return (layer as! any IntegerLayer).bindToIntegers(binding)
      }
      if form.tables.contains(operation.path), let layer = layer as? any IntegerTableLayer {
        return layer.bindToIntegers(binding)
      }
      return try Graph.located(layer, operation.path) { try layer.bind(binding) }
    }
  }
}
