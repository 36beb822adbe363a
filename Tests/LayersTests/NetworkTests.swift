import Diagnostics
import Layers
import Tensors
import Testing

@Suite struct NetworkTests {
  @Test func layersAreBuiltWithConditionsAndLoops() {
    func kinds(deep: Bool, wide: Bool, blocks: Int) -> [String] {
      Network(input: [4]) {
        Flatten()
        if deep {
          Dense(units: 8)
          ReLU()
        }
        if wide { Dense(units: 100) } else { Dense(units: 10) }
        for rate in 0..<blocks {
          Tanh()
          Dropout(rate: Double(rate) / 10)
        }
        Sigmoid()
      }.layers.map { type(of: $0).kind }
    }
    #expect(kinds(deep: false, wide: false, blocks: 0) == ["flatten", "dense", "sigmoid"])
    #expect(
      kinds(deep: true, wide: true, blocks: 2)
        == ["flatten", "dense", "relu", "dense", "tanh", "dropout", "tanh", "dropout", "sigmoid"])
    let wide = Network(input: [4]) {
      if true { Dense(units: 100) } else { Dense(units: 10) }
    }
    #expect((wide.layers[0] as? Dense)?.units == 100)
  }

  @Test func shapesFollowTheLayers() throws {
    let network = Network(input: [28, 28, 1]) {
      Flatten()
      Dense(units: 512)
      ReLU()
      Dropout(rate: 0.2)
      Dense(units: 10, bias: false)
    }
    let plan = try network.plan(microBatch: 3)
    #expect(plan.steps.map(\.outputShape) == [[784], [512], [512], [512], [10]])
    #expect(plan.outputShape == [10])
    #expect(plan.multiplyAdds == 784 * 512 + 512 * 10)
    let layout = plan.layout
    #expect(layout.slots.map(\.name) == ["1.weight", "1.bias", "4.weight"])
    #expect(layout.slots.map(\.shape) == [[512, 784], [512], [10, 512]])
    #expect(try network.plan(microBatch: 64).layout == layout, "the micro-batch changes no parameter")
  }

  @Test func anInputThatDoesNotFitNamesTheLayerAndItsIndex() {
    let images = Network(input: [28, 28, 1]) { Dense(units: 10) }
    #expect(
      throws: Failure(
        .badConfiguration, at: "model.0 (dense)",
        "expected samples of rank 1 or 2 (put a flatten before it), found 28×28×1",
        cure: "change the model's input or this layer")
    ) { try images.plan(microBatch: 1) }
    let later = Network(input: [2, 2, 1]) {
      ReLU()
      Tanh()
      Dense(units: 3)
    }
    #expect { try later.plan(microBatch: 1) } throws: { error in
      "\(error)".hasPrefix("model.2 (dense): expected samples of rank 1 or 2")
        && "\(error)".hasSuffix("found 2×2×1; change this layer or layer 1")
    }
    #expect(throws: Failure.self) { try Network(input: [0]) { Dense(units: 3) }.plan(microBatch: 1) }
  }
}
