import Goldens
import Kernels
import Layers
import Losses
import Tensors
import Testing

/// What PyTorch made of a network, its cross-entropy summed: forwards and backwards, parameter by parameter.
protocol GoldenCase: Decodable {
  var name: String { get }
  var tokens: [Float] { get }
  var parameters: [String: [Float]] { get }
  var outputs: [Double] { get }
  var lossSum: Double { get }
  var gradients: [String: [Double]] { get }
}

extension GoldenCase {
  /// Expects the same of `network`, of a micro-batch of `samples`, whose targets are `classes`, within a share of `tolerance`.
  func expect(of network: Network, samples: Int, classes: [Int32], within tolerance: Double) throws {
    let plan = try network.plan(microBatch: samples)
    #expect(plan.layout.slots.map(\.name).sorted() == parameters.keys.sorted(), "\(name)")
    let (known, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
    for slot in plan.layout.slots { known.view[slot.range].assign(try #require(parameters[slot.name])) }
    let input = buffer(tokens)
    var lane = plan.makeLane(parameters: known.view, seed: 1)
    lane.setInput(input.view)
    lane.setLeaf(leaf.view)
    plan.forward(lane)
    let output = lane.output.array
    let total = classes.withUnsafeBufferPointer { classes in
      CrossEntropyLoss().sum(
        lane.output, .classes(classes), rows: samples, valid: samples, gradient: lane.outputGradient)
    }
    plan.backward(lane)
    #expect(distance(output, outputs) < tolerance, "\(name)")
    #expect(abs(total - lossSum) < tolerance * lossSum, "\(name)")
    for slot in plan.layout.slots {
      let found = distance(leaf.view[slot.range].array, try #require(gradients[slot.name]))
      #expect(found < tolerance, "\(name): \(slot.name)")
    }
  }
}
