import Layers
import Tensors
import Testing

/// The layers that shipped bodies stand for.
@Suite struct BodyTests {
  private func slots(_ body: any Body, _ input: Shape, _ outputs: Int) throws -> [String] {
    let plan = try Network(input: input, layers: body.layers(input: input, outputs: outputs)).plan(microBatch: 1)
    #expect(plan.outputShape == [outputs])
    return plan.layout.slots.map { "\($0.name) \($0.shape)" }
  }

  @Test func layersAreThoseThatWouldBeWritten() throws {
    let deep = MLP(hidden: [4, 3], activation: .gelu, dropout: 0.5)
    let kinds = deep.layers(input: [6], outputs: 2).map { type(of: $0).kind }
    #expect(kinds == ["dense", "gelu", "dropout", "dense", "gelu", "dropout", "dense"])
    #expect(MLP(hidden: [4]).layers(input: [2, 3, 1], outputs: 2).map { type(of: $0).kind }.first == "flatten")
    #expect(
      try slots(MLP(hidden: [4]), [6], 2) == ["0.weight 4×6", "0.bias 4", "2.weight 2×4", "2.bias 2"])
    #expect(try slots(Linear(), [2, 3, 1], 3) == ["1.weight 3×6", "1.bias 3"])
    #expect(
      try slots(WideAndDeep(deep: MLP(hidden: [4])), [6], 2) == [
        "0.0.0.weight 2×6", "0.1.0.weight 4×6", "0.1.0.bias 4", "0.1.2.weight 2×4", "0.1.2.bias 2",
      ])
  }

  /// The wide part starts at 0, so that the sum starts as the deep part alone.
  @Test func theWidePartStartsAtZero() throws {
    let network = Network(input: [3], layers: WideAndDeep().layers(input: [3], outputs: 2))
    let plan = try network.plan(microBatch: 1)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 1)
    #expect(parameters.view[plan.layout.slots[0].range].array == [Float](repeating: 0, count: 6))
    #expect(parameters.view[plan.layout.slots[1].range].array.contains { $0 != 0 })
  }
}
