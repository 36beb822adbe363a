import Goldens
import Layers
import Tensors
import Testing

@testable import Lockstep

/// Networks on images, written as a configuration has them, against PyTorch; see `Tests/Goldens/make-goldens.py`.
@Suite struct ImageGoldenTests {
  struct Case: Decodable {
    let name: String
    let shape: [Int]
    /// The value of `model` in a configuration.
    let layers: String
    let microBatch: Int
    let valid: Int
    let input: [Float]
    let classes: [Int32]
    let parameters: [String: [Float]]
    /// Of the valid samples.
    let outputs: [Double]
    let lossSum: Double
    let gradients: [String: [Double]]
    /// Mean and variance of the valid samples at each batch normalisation.
    let statistics: [String: [Double]]
    /// Outputs of all samples in evaluation, with those statistics.
    let evaluated: [Double]
  }

  /// Forward, loss, every parameter's gradient, the statistics, and evaluation with them.
  ///
  /// 1e-5, a hundred and fifty roundings of floats near one: products of up to 400 terms, and an inverse deviation of up
  /// to ten between two of them.
  @Test func passesArePyTorchs() throws {
    let cases: [Case] = try golden("images.json")
    #expect(cases.count == 22)
    for test in cases {
      let layers = try configuration("data: two-class\nmodel: \(test.layers)\n").layers
      let plan = try Network(input: Shape(test.shape), layers: layers).plan(microBatch: test.microBatch)
      let learned = plan.layout.slots.filter(\.role.isLearned)
      #expect(learned.map(\.name).sorted() == test.parameters.keys.sorted(), "\(test.name)")
      let running = plan.layout.slots.filter { !$0.role.isLearned }
      #expect(running.map(\.name).sorted() == test.statistics.keys.sorted(), "\(test.name)")
      let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
      for slot in learned { parameters.view[slot.range].assign(test.parameters[slot.name]!) }
      let input = FlatBuffer(count: test.input.count)
      input.view.assign(test.input)

      var lane = plan.makeLane(parameters: parameters.view, seed: 1)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      lane.setMode(.training(step: 0, firstPosition: 0), valid: test.valid)
      plan.forward(lane)
      #expect(distance(Array(lane.output.array.prefix(test.outputs.count)), test.outputs) < 1e-5, "\(test.name)")
      let total = test.classes.withUnsafeBufferPointer {
        Loss.crossEntropy.sum(
          lane.output, .classes($0), rows: test.microBatch, valid: test.valid, gradient: lane.outputGradient)
      }
      #expect(abs(total - test.lossSum) < 1e-5 * (1 + test.lossSum), "\(test.name)")
      plan.backward(lane)
      for slot in learned {
        #expect(
          distance(leaf.view[slot.range].array, test.gradients[slot.name]!) < 1e-5, "\(test.name): \(slot.name)")
      }

      for slot in running {
        let statistic = leaf.view[slot.range].array.map { $0 / Float(test.valid) }
        #expect(distance(statistic, test.statistics[slot.name]!) < 1e-5, "\(test.name): \(slot.name)")
        parameters.view[slot.range].assign(statistic)
      }
      input.view.assign(test.input)
      lane.setMode(.evaluation)
      plan.forward(lane)
      #expect(distance(lane.output.array, test.evaluated) < 1e-5, "\(test.name) in evaluation")
    }
  }
}
