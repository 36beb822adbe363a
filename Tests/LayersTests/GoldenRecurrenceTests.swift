import Goldens
import Kernels
import Layers
import Losses
import Tensors
import Testing

/// Recurrent layers and bags of tokens against PyTorch, parameter by parameter; see `Tests/Goldens/make-recurrences.py`.
@Suite struct GoldenRecurrenceTests {
  struct Case: Decodable {
    let name: String
    let kind: String
    let layers: Int
    let bidirectional: Bool
    let bias: Bool
    let last: Bool
    let padded: Bool
    let mode: String
    let input: [Float]
    let classes: [Int32]
    let parameters: [String: [Float]]
    let outputs: [Double]
    let lossSum: Double
    let gradients: [String: [Double]]

    var network: Network {
      guard kind != "embedding-bag" else {
        let bag = EmbeddingBag(
          vocabulary: 9, width: 6, mode: BagMode(rawValue: mode)!, padding: padded ? (mode == "sum" ? 3 : 0) : nil)
        return Network(input: [9], layers: [bag, Dense(units: 3)])
      }
      let returning: RecurrentReturn = last ? .last : .sequence
      let layer: any Layer =
        kind == "lstm"
        ? LSTM(units: 6, layers: layers, bidirectional: bidirectional, returning: returning, bias: bias)
        : GRU(units: 6, layers: layers, bidirectional: bidirectional, returning: returning, bias: bias)
      let head: [any Layer] = last ? [Dense(units: 3)] : [MeanPositions(), Dense(units: 3)]
      return padded
        ? Network(input: [9], layers: [Embedding(vocabulary: 9, width: 5, padding: 0), layer] + head)
        : Network(input: [9, 5], layers: [layer] + head)
    }
  }

  /// 5e-6: as of attention, through nine steps of products.
  @Test func forwardLossAndGradientsArePyTorchs() throws {
    let cases: [Case] = try golden("recurrences.json")
    #expect(cases.count == 17)
    for test in cases {
      let plan = try test.network.plan(microBatch: 4)
      #expect(plan.layout.slots.map(\.name).sorted() == test.parameters.keys.sorted(), "\(test.name)")
      let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
      for slot in plan.layout.slots { parameters.view[slot.range].assign(try #require(test.parameters[slot.name])) }
      let input = buffer(test.input)
      var lane = plan.makeLane(parameters: parameters.view, seed: 1)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      plan.forward(lane)
      let output = lane.output.array
      let total = test.classes.withUnsafeBufferPointer { classes in
        CrossEntropyLoss().sum(lane.output, .classes(classes), rows: 4, valid: 4, gradient: lane.outputGradient)
      }
      plan.backward(lane)
      #expect(distance(output, test.outputs) < 5e-6, "\(test.name)")
      #expect(abs(total - test.lossSum) < 5e-6 * test.lossSum, "\(test.name)")
      for slot in plan.layout.slots {
        let found = distance(leaf.view[slot.range].array, try #require(test.gradients[slot.name]))
        #expect(found < 5e-6, "\(test.name): \(slot.name)")
      }
    }
  }

  struct Steps: Decodable {
    let kind: String
    let input: [Float]
    let classes: [Int32]
    let initial: [String: [Float]]
    let losses: [Double]
    let final: [String: [Double]]
  }

  /// 2e-5: what a step is off by, 5e-6 of the gradient at most, twenty times, at a rate of 0.3.
  @Test func twentyStepsArePyTorchs() throws {
    let cases: [Steps] = try golden("recurrent-steps.json")
    #expect(cases.map(\.kind) == ["lstm", "gru"])
    for test in cases {
      let layer: any Layer =
        test.kind == "lstm"
        ? LSTM(units: 6, layers: 2, bidirectional: true) : GRU(units: 6, layers: 2, bidirectional: true)
      let network = Network(
        input: [9], layers: [Embedding(vocabulary: 9, width: 5), layer, MeanPositions(), Dense(units: 3)])
      let plan = try network.plan(microBatch: 4)
      let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
      for slot in plan.layout.slots { parameters.view[slot.range].assign(try #require(test.initial[slot.name])) }
      let input = buffer(test.input)
      var lane = plan.makeLane(parameters: parameters.view, seed: 1)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      var losses: [Double] = []
      for _ in test.losses {
        plan.forward(lane)
        let total = test.classes.withUnsafeBufferPointer { classes in
          CrossEntropyLoss().sum(lane.output, .classes(classes), rows: 4, valid: 4, gradient: lane.outputGradient)
        }
        plan.backward(lane)
        losses.append(total / 4)
        for index in 0..<parameters.count { parameters.view[index] -= 0.3 * leaf.view[index] / 4 }
      }
      #expect(zip(losses, test.losses).allSatisfy { abs($0 - $1) < 2e-5 }, "\(test.kind)")
      #expect(test.losses.last! < 0.98 * test.losses[0], "\(test.kind): nothing was learned")
      for slot in plan.layout.slots {
        let found = distance(parameters.view[slot.range].array, try #require(test.final[slot.name]))
        #expect(found < 2e-5, "\(test.kind): \(slot.name)")
      }
    }
  }
}
