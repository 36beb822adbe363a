import Layers
import Tensors
import Testing

/// What a checkpoint stores behind a flattened picture is what PyTorch, which flattens channels first, computes with.
@Suite struct FeatureFlowTests {
  private static let picture: Shape = [3, 2, 4]

  /// Layers behind a `Flatten`.
  static let chains: [(name: String, layers: [any Layer])] = [
    ("dense", [Flatten(), Dense(units: 3)]),
    ("activations", [Flatten(), ReLU(), Tanh(), LeakyReLU(), Sigmoid(), GELU(), SiLU(), Dense(units: 3)]),
    ("softmax", [Flatten(), Softmax(), Dense(units: 3)]),
    ("batch-norm", [Flatten(), BatchNorm(), ReLU(), Dense(units: 3)]),
    ("layer-norm", [Flatten(), LayerNorm(), Dense(units: 5), LayerNorm(), Dense(units: 3)]),
    ("two normalisations", [Flatten(), LayerNorm(), BatchNorm(), Dense(units: 3)]),
    ("reshape", [Reshape([24]), Dense(units: 3)]),
    ("reshape a row", [Flatten(), Reshape([24]), Tanh(), Flatten(), Dense(units: 3)]),
    ("sequential", [Sequential(layers: [Flatten(), Tanh()]), Sequential(layers: [Dense(units: 3)])]),
    // The sum gives the last dense layer's rows the picture's order.
    ("residual", [Flatten(), Residual(body: [Dense(units: 7), ReLU(), Dense(units: 24)]), Dense(units: 3)]),
    (
      "residual twice",
      [
        Flatten(), Residual(body: [LayerNorm(), Dense(units: 24), Tanh()]),
        Residual(body: [BatchNorm(), Dense(units: 24)], shortcut: [Dense(units: 24), LayerNorm()]), Dense(units: 3),
      ]
    ),
    (
      "beside itself",
      [Flatten(), Parallel(branches: [[Tanh()], [Dense(units: 2)], []]), LayerNorm(), Dense(units: 3)]
    ),
    ("in branches", [Parallel(branches: [[Flatten(), Dense(units: 2)], [Flatten()]]), Dense(units: 3)]),
    (
      "gate",
      [Flatten(), Parallel(join: .multiply, branches: [[Dense(units: 24), Sigmoid()], []]), Dense(units: 3)]
    ),
    ("sum of branches", [Parallel(join: .add, branches: [[Flatten(), Tanh()], [Flatten()]]), Dense(units: 3)]),
  ]

  /// Of the picture in memory's order, and of its features in PyTorch's: one row to the same layers, for which flattening
  /// is nothing. The parameters of the second are those that the first one's checkpoint stores.
  ///
  /// 1e-4: sums of at most 24 terms of order one in another order, through at most four layers.
  @Test(arguments: chains.indices)
  func outputsAndGradientsAreThoseOfTheStoredParameters(place: Int) throws {
    let (name, layers) = Self.chains[place]
    let places = FeatureOrder.picture(Self.picture).places
    let plan = try Network(input: Self.picture, layers: layers).plan(microBatch: 4)
    let row = try Network(input: [24], layers: layers).plan(microBatch: 4)
    #expect(plan.orderConflict == nil && row.orderConflict == nil, "\(name)")
    #expect(row.layout.slots.allSatisfy { !$0.isReordered }, "\(name)")
    #expect(plan.layout.slots.contains { $0.isReordered }, "\(name)")

    let parameters = FlatBuffer(count: plan.layout.count)
    for (stream, slot) in plan.layout.slots.enumerated() {
      parameters.view[slot.range].assign(uniform(slot.range.count, 0.5, stream: UInt64(stream)).map { $0 + 0.6 })
    }
    let pictures = uniform(4 * 24, 1, stream: 90)
    let rows = (0..<4).flatMap { sample in places.map { pictures[sample * 24 + $0] } }
    let (own, theirs) = (
      pass(plan, parameters, pictures), pass(row, stored(plan.layout, parameters), rows)
    )
    #expect(farthest(own.outputs, theirs.outputs) < 1e-4, "\(name)")
    #expect(farthest(own.evaluated, theirs.evaluated) < 1e-4, "\(name)")
    #expect(farthest(stored(plan.layout, own.leaf).view.array, theirs.leaf.view.array) < 1e-4, "\(name)")
    // The same parameters unchanged mean something else.
    #expect(farthest(own.outputs, pass(row, parameters, rows).outputs) > 1e-3, "\(name)")
  }

  private func farthest(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? .infinity }

  private func stored(_ layout: ParameterLayout, _ memory: FlatBuffer) -> FlatBuffer {
    let stored = FlatBuffer(count: layout.count)
    for slot in layout.slots { slot.store(memory.view[slot.range], into: stored.view[slot.range]) }
    return stored
  }

  private func pass(
    _ plan: Plan, _ parameters: FlatBuffer, _ input: [Float]
  ) -> (outputs: [Float], evaluated: [Float], leaf: FlatBuffer) {
    var lane = plan.makeLane(parameters: parameters.view, seed: 1)
    let (first, second, leaf) = (buffer(input), buffer(input), FlatBuffer(count: plan.layout.count))
    lane.setLeaf(leaf.view)
    lane.setInput(first.view)
    lane.setMode(.training(step: 0, firstPosition: 0))
    plan.forward(lane)
    let outputs = lane.output.array
    lane.outputGradient.assign(uniform(outputs.count, 1, stream: 91))
    plan.backward(lane)
    lane.setInput(second.view)
    lane.setMode(.evaluation)
    plan.forward(lane)
    return (outputs, lane.output.array, leaf)
  }

  /// A picture beside a row; a picture that is made of what a dense layer computes; and where nothing is turned.
  @Test func ordersOfSlots() throws {
    func orders(_ input: Shape, _ layers: [any Layer]) throws -> [String: [FeatureOrder?]] {
      let plan = try Network(input: input, layers: layers).plan(microBatch: 1)
      #expect(plan.orderConflict == nil)
      return Dictionary(
        uniqueKeysWithValues: plan.layout.slots.filter(\.isReordered).map { ($0.name, [$0.rowOrder, $0.columnOrder]) })
    }
    let picture = FeatureOrder.picture(Self.picture)
    #expect(
      try orders(
        Self.picture,
        [
          Parallel(branches: [[GlobalAveragePool()], [Convolution(channels: 5, kernel: 1), Flatten()]]),
          Dense(units: 2),
        ])
        == ["1.weight": [nil, .joined([.plain(4), .picture([3, 2, 5])])]])
    #expect(
      try orders(
        [9],
        [
          Dense(units: 24), Reshape(Self.picture), Convolution(channels: 2, kernel: 1), Flatten(), Dense(units: 1),
        ])
        == ["0.weight": [picture, nil], "0.bias": [picture, nil], "4.weight": [nil, .picture([3, 2, 2])]])
    #expect(try orders([24], [Reshape(Self.picture), Flatten(), Dense(units: 2)]) == ["2.weight": [nil, picture]])
    #expect(
      try orders([24], [Parallel(branches: [[Dense(units: 2)], [Reshape(Self.picture), GlobalAveragePool()]])]) == [:])
    // The same row beside the picture.
    #expect(
      try orders(
        [9],
        [
          Dense(units: 24), Parallel(branches: [[Reshape(Self.picture), GlobalAveragePool()], []]), Dense(units: 2),
        ])
        == ["0.weight": [picture, nil], "0.bias": [picture, nil], "2.weight": [nil, .joined([.plain(4), picture])]])
    // Rows and columns of positions under another name.
    #expect(
      try orders(Self.picture, [Reshape([1, 6, 4]), Flatten(), Reshape([6, 1, 4]), Flatten(), Dense(units: 2)])
        == ["4.weight": [nil, picture]])
    #expect(
      try orders(Self.picture, [GlobalAveragePool(), Reshape([2, 2, 1]), Convolution(channels: 2, kernel: 1)]) == [:])
    #expect(try orders([28, 28, 1], [Flatten(), Dense(units: 2)]) == [:], "one channel")
    #expect(try orders([6, 4], [Flatten(), Dense(units: 2)]) == [:], "positions of tokens")
    #expect(try orders(Self.picture, [GlobalAveragePool(), Dense(units: 2)]) == [:])
  }

  static let conflicts: [(place: String, layers: [any Layer])] = [
    ("model.1 (select)", [Flatten(), Select(0..<6), Dense(units: 2)]),
    ("model.1 (tanh)", [Flatten(), Tanh()]),
    ("model.0", [Parallel(join: .add, branches: [[Flatten()], [Reshape([2, 4, 3]), Flatten()]]), Dense(units: 2)]),
    // Tokens of a flattened picture, and other pictures.
    ("model.2 (reshape)", [Flatten(), LayerNorm(), Reshape([6, 4]), Dense(units: 2)]),
    ("model.1 (reshape)", [Flatten(), Reshape([2, 4, 3]), pointwise]),
    ("model.2 (reshape)", [Flatten(), Tanh(), Reshape([2, 4, 3]), pointwise]),
    ("model.0 (reshape)", [Reshape([2, 4, 3]), pointwise]),
    ("model.1 (reshape)", [pointwise, Reshape([3, 4, 1]), Flatten(), Dense(units: 2)]),
    // Pictures of what is counted or side by side.
    ("model.1 (reshape)", [GlobalAveragePool(), Reshape([2, 1, 2]), pointwise]),
    ("model.2 (reshape)", [Reshape([6, 4]), MeanPositions(), Reshape([2, 1, 2]), pointwise]),
    (
      "model.1",
      [Flatten(), Parallel(branches: [[Dense(units: 8)], [Dense(units: 8)]]), Reshape([2, 2, 4]), pointwise]
    ),
  ]
  private static let pointwise = Convolution(channels: 2, kernel: 1)

  /// What no order of slots can mend is said.
  @Test(arguments: conflicts.indices)
  func conflictsNameTheLayer(number: Int) throws {
    let (place, layers) = Self.conflicts[number]
    let plan = try Network(input: Self.picture, layers: layers).plan(microBatch: 1)
    #expect(plan.orderConflict?.description.hasPrefix("\(place): expected features in one order") == true)
    #expect(plan.layout.slots.allSatisfy { !$0.isReordered })
  }
}
