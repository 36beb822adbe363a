import Diagnostics
import Kernels
import Tensors
import Testing

@testable import Layers

/// What compares a network with a teacher between its layers.
@Suite struct FeatureTapTests {
  private static let network = Network(input: [3]) {
    Dense(units: 5)
    ReLU()
    Sequential(layers: [Dense(units: 4), Tanh()])
    Dense(units: 2)
  }

  /// Of memory that lasts.
  private func floats(_ values: [Float]) -> FloatView {
    let buffer = Unmanaged.passRetained(FlatBuffer(count: values.count)).takeUnretainedValue()
    buffer.view.assign(values)
    return buffer.view
  }

  /// The gradient of the squared distance alone, by hand, of a layer before an activation that overwrites what it gives.
  @Test func theGradientIsThatOfTheDistance() throws {
    let (B, valid, weight) = (6, 4, Float(1.5))
    let plan = try Self.network.comparing(at: ["0"], key: "k").plan(microBatch: B)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 3)
    var lane = plan.makeLane(parameters: parameters.view, seed: 1)
    let (leaf, input) = (FlatBuffer(count: plan.layout.count), floats(uniform(B * 3, 1)))
    let kept = input.array
    let teacher = floats(uniform(B * 5, 2, stream: 1))
    let own = floats([0.5, 0, 2, 1, 1, 1])
    for weights in [nil, own] {
      input.assign(kept)
      let pass = FeaturePass([teacher], weight: weight)
      pass.sampleWeights = weights
      pass.begin()
      lane.features = pass
      lane.setInput(input)
      lane.setMode(.training(step: 0, firstPosition: 0), valid: valid)
      lane.setLeaf(leaf.view)
      plan.forward(lane)
      lane.outputGradient.clear()
      plan.backward(lane)
      let (W, b) = (parameters.view[plan.layout.slots[0].range], parameters.view[plan.layout.slots[1].range])
      var (sum, gradient) = (0.0, [Double](repeating: 0, count: 15))
      for row in 0..<valid {
        for unit in 0..<5 {
          let x = (0..<3).reduce(Double(b[unit])) { $0 + Double(W[unit * 3 + $1]) * Double(kept[row * 3 + $1]) }
          let apart = x - Double(teacher[row * 5 + unit])
          let factor = Double(weight) * Double(weights?[row] ?? 1) / 5
          sum += factor * apart * apart
          for place in 0..<3 { gradient[unit * 3 + place] += 2 * factor * apart * Double(kept[row * 3 + place]) }
        }
      }
      #expect(abs(pass.sum - sum) < 1e-4 * sum)
      let found = leaf.view[plan.layout.slots[0].range].array
      for (a, b) in zip(found, gradient) { #expect(abs(Double(a) - b) < 1e-4) }
      // Nothing comes of it behind the layer.
      for slot in plan.layout.slots.dropFirst(2) { #expect(leaf.view[slot.range].array.allSatisfy { $0 == 0 }) }
    }
  }

  /// Evaluation, the names of slots and what is computed know nothing of it.
  @Test func nothingElseChanges() throws {
    let (plain, compared) = (
      try Self.network.plan(microBatch: 4),
      try Self.network.comparing(at: ["2.0", "1", "2"], key: "k").plan(microBatch: 4)
    )
    #expect(plain.layout.slots.map(\.name) == compared.layout.slots.map(\.name))
    let parameters = FlatBuffer(count: plain.layout.count)
    plain.initialise(parameters.view, seed: 3)
    let outputs = [plain, compared].map { plan in
      var lane = plan.makeLane(parameters: parameters.view, seed: 1)
      lane.setInput(floats(uniform(12, 1)))
      plan.forward(lane)
      return lane.output.array
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test func placesAreThoseOfLayersAndBlocks() throws {
    #expect(try Self.network.ending(at: "2.0", key: "k").outputShape == [4])
    #expect(try Self.network.ending(at: "1", key: "k").outputShape == [5])
    #expect {
      _ = try Self.network.comparing(at: ["2.2"], key: "teacher.features")
    } throws: {
      "\($0)".contains("teacher.features: expected the place of a layer, found '2.2'")
    }
  }
}
