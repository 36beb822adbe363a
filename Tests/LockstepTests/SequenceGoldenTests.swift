import Goldens
import Layers
import Tensors
import Testing

@testable import Lockstep

/// Gates, and what makes one row of a sequence, written as a configuration has them, against PyTorch; see
/// `Tests/Goldens/make-goldens.py`.
@Suite struct SequenceGoldenTests {
  struct Case: Decodable {
    let name: String
    let shape: [Int]
    /// The value of `model` in a configuration.
    let layers: String
    let microBatch: Int
    let input: [Float]
    let classes: [Int32]
    let parameters: [String: [Float]]
    let outputs: [Double]
    let lossSum: Double
    let gradients: [String: [Double]]
  }

  /// Forward, loss and every parameter's gradient. 2e-6, thirty roundings of floats near one.
  @Test func passesArePyTorchs() throws {
    let cases: [Case] = try golden("sequences.json")
    #expect(cases.count == 8)
    for test in cases {
      let layers = try configuration("data: two-class\nmodel: \(test.layers)\n").layers
      let plan = try Network(input: Shape(test.shape), layers: layers).plan(microBatch: test.microBatch)
      #expect(plan.layout.slots.map(\.name).sorted() == test.parameters.keys.sorted(), "\(test.name)")
      let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
      for slot in plan.layout.slots { parameters.view[slot.range].assign(try #require(test.parameters[slot.name])) }
      let input = FlatBuffer(count: test.input.count)
      input.view.assign(test.input)

      var lane = plan.makeLane(parameters: parameters.view, seed: 1)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      plan.forward(lane)
      #expect(distance(lane.output.array, test.outputs) < 2e-6, "\(test.name)")
      let total = test.classes.withUnsafeBufferPointer {
        Loss.crossEntropy.sum(
          lane.output, .classes($0), rows: test.microBatch, valid: test.microBatch, gradient: lane.outputGradient)
      }
      #expect(abs(total - test.lossSum) < 2e-6 * (1 + test.lossSum), "\(test.name)")
      plan.backward(lane)
      for slot in plan.layout.slots {
        #expect(
          distance(leaf.view[slot.range].array, try #require(test.gradients[slot.name])) < 2e-6,
          "\(test.name): \(slot.name)")
      }
    }
  }
}
