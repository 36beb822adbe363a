import Diagnostics
import Goldens
import Layers
import Losses
import Tensors
import Testing

/// Layers, stacks and losses against PyTorch; see `Tests/Goldens/make-goldens.py`.
@Suite struct GoldenLayerTests {
  struct Case: Decodable {
    struct Description: Decodable {
      let kind: String
      let units: Int?
      let bias: Bool?
      let rate: Double?
    }
    let name: String
    let shape: [Int]
    let layers: [Description]
    let loss: String
    let microBatch: Int
    let valid: Int
    let seed: UInt64
    let step: Int
    let firstPosition: Int
    let input: [Float]
    let targets: [Float]
    let parameters: [String: [Float]]
    let outputs: [Double]
    let lossSum: Double
    let gradients: [String: [Double]]
  }

  private func layer(_ description: Case.Description) throws -> any Layer {
    switch description.kind {
    case Dense.kind: Dense(units: try #require(description.units), bias: try #require(description.bias as Bool?))
    case Dropout.kind: Dropout(rate: try #require(description.rate))
    case ReLU.kind: ReLU()
    case Sigmoid.kind: Sigmoid()
    case Tanh.kind: Tanh()
    case Flatten.kind: Flatten()
    default: throw Failure(.internal, "the goldens have a layer of kind \(description.kind)")
    }
  }

  /// Forward, loss and every parameter's gradient.
  ///
  /// 2e-6, thirty roundings of floats near one: products of up to 70 terms through up to four dense layers, each
  /// with half a rounding a term of either sign.
  @Test func forwardLossAndGradientsArePyTorchs() throws {
    let cases: [Case] = try golden("layers.json")
    #expect(cases.count == 15)
    for test in cases {
      let network = Network(input: Shape(test.shape), layers: try test.layers.map(layer))
      let plan = try network.plan(microBatch: test.microBatch)
      #expect(plan.layout.slots.map(\.name).sorted() == test.parameters.keys.sorted())
      let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
      for slot in plan.layout.slots { parameters.view[slot.range].assign(test.parameters[slot.name]!) }
      let (input, values) = (buffer(test.input), buffer(test.targets))
      let loss = try #require(usualLosses.first { $0.kind == test.loss })

      var lane = plan.makeLane(parameters: parameters.view, seed: test.seed)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      lane.setMode(.training(step: test.step, firstPosition: test.firstPosition))
      plan.forward(lane)
      let output = lane.output.array
      let total = test.targets.map { Int32($0) }.withUnsafeBufferPointer { classes in
        loss.sum(
          lane.output, loss.takesClasses ? .classes(classes) : .values(values.view), rows: test.microBatch,
          valid: test.valid, gradient: lane.outputGradient)
      }
      plan.backward(lane)

      #expect(distance(output, test.outputs) < 2e-6, "\(test.name)")
      #expect(abs(total - test.lossSum) < 2e-6 * (1 + test.lossSum), "\(test.name)")
      for slot in plan.layout.slots {
        #expect(
          distance(leaf.view[slot.range].array, test.gradients[slot.name]!) < 2e-6, "\(test.name): \(slot.name)")
      }
    }
  }
}
