import Goldens
import Layers
import Losses
import Tensors
import Testing

@testable import Lockstep

/// A network, written as a configuration has it, and one pass of it in PyTorch; see `Tests/Goldens/make-goldens.py`.
struct GoldenPass: Decodable {
  let name: String
  let shape: [Int]
  /// The value of `model` in a configuration.
  let layers: String
  let microBatch: Int
  /// Samples that are there; all where the file does not say.
  let valid: Int?
  let input: [Float]
  let classes: [Int32]
  let parameters: [String: [Float]]
  /// Of the valid samples.
  let outputs: [Double]
  let lossSum: Double
  let gradients: [String: [Double]]
  /// Mean and variance of the valid samples at each batch normalisation.
  let statistics: [String: [Double]]?
  /// Outputs of all samples in evaluation, with those statistics.
  let evaluated: [Double]?

  /// Forward, loss, every parameter's gradient, the statistics, and evaluation with them.
  func check(within tolerance: Double) throws {
    let valid = valid ?? microBatch
    let network = try Network(
      input: Shape(shape), layers: configuration("data: two-class\nmodel: \(layers)\n").layers)
    let plan = try network.plan(microBatch: microBatch)
    let learned = plan.layout.slots.filter(\.role.isLearned)
    #expect(learned.map(\.name).sorted() == parameters.keys.sorted(), "\(name)")
    let running = plan.layout.slots.filter { !$0.role.isLearned }
    #expect(running.map(\.name).sorted() == (statistics ?? [:]).keys.sorted(), "\(name)")
    let (values, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
    for slot in learned { values.view[slot.range].assign(try #require(parameters[slot.name])) }
    let samples = FlatBuffer(count: input.count)
    samples.view.assign(input)

    var lane = plan.makeLane(parameters: values.view, seed: 1)
    lane.setInput(samples.view)
    lane.setLeaf(leaf.view)
    lane.setMode(.training(step: 0, firstPosition: 0), valid: valid)
    plan.forward(lane)
    #expect(distance(Array(lane.output.array.prefix(outputs.count)), outputs) < tolerance, "\(name)")
    let total = classes.withUnsafeBufferPointer {
      CrossEntropyLoss().sum(
        lane.output, .classes($0), rows: microBatch, valid: valid, gradient: lane.outputGradient)
    }
    #expect(abs(total - lossSum) < tolerance * (1 + lossSum), "\(name)")
    plan.backward(lane)
    for slot in learned {
      let gradient = try #require(gradients[slot.name])
      #expect(distance(leaf.view[slot.range].array, gradient) < tolerance, "\(name): \(slot.name)")
    }

    for slot in running {
      let statistic = leaf.view[slot.range].array.map { $0 / Float(valid) }
      #expect(distance(statistic, try #require(statistics?[slot.name])) < tolerance, "\(name): \(slot.name)")
      values.view[slot.range].assign(statistic)
    }
    guard let evaluated else { return }
    samples.view.assign(input)
    lane.setMode(.evaluation)
    plan.forward(lane)
    #expect(distance(lane.output.array, evaluated) < tolerance, "\(name) in evaluation")
  }
}
