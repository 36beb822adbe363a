import Diagnostics
import Kernels
import Losses
import Tensors
import Testing

@testable import Layers

/// What is frozen has no gradient, and changes no bit of the others'.
@Suite struct FreezingTests {
  /// Each slot of each network alone, and all but each: the gradients of the others are those of a network that learns all of it.
  @Test(arguments: GradientTests.networks.indices)
  func gradientsOfTheOthersAreTheSame(place: Int) throws {
    let (name, network) = GradientTests.networks[place]
    let whole = try GradientCheck(network, loss: .huber())
    let (loss, leaf) = whole.pass()
    let slots = whole.plan.layout.slots
    let sets = slots.map { [$0.name] } + slots.map { slot in slots.map(\.name).filter { $0 != slot.name } }
    for frozen in sets where frozen.count < slots.count {
      var network = network
      network.freezing = Freezing(frozen.map { NamePattern($0) })
      let check = try GradientCheck(network, loss: .huber())
      let found = check.pass()
      try #require(found.loss == loss, "\(name): \(frozen)")
      #expect(check.plan.layout.trainedCount <= whole.plan.layout.count)
      for (slot, own) in zip(slots, check.plan.layout.slots) {
        #expect(own.isFrozen == frozen.contains(slot.name))
        if own.isFrozen { continue }
        let isSame = found.leaf.view[own.range].array == leaf.view[slot.range].array
        #expect(isSame, "\(name): \(own.name) beside \(frozen)")
      }
    }
  }

  /// A batch norm of which all is frozen normalises by its statistics, in training too: so says its gradient, and the output.
  @Test func aFrozenBatchNormIsAnAffineMap() throws {
    let layers: [any Layer] = [Dense(units: 6), BatchNorm(epsilon: 0.1), Tanh(), Dense(units: 3)]
    let mean = ["1.running_mean"]
    for patterns in [["1.*"], ["1.weight", "1.bias"], ["1.running_*"], mean, ["1.running_var"]] {
      var network = Network(input: [4], layers: layers)
      network.freezing = Freezing(patterns.map { NamePattern($0) })
      for valid in [5, 3] {
        let check = try GradientCheck(network, loss: .meanSquaredError, valid: valid)
        // The variance of a statistic is positive.
        for slot in check.plan.layout.slots where slot.name == "1.running_var" {
          for index in slot.range { check.parameters.view[index] = abs(check.parameters.view[index]) + 0.5 }
        }
        #expect(check.mistakes() == [], "\(patterns), \(valid) samples")
        #expect(
          check.plan.layout.slots.filter(\.isFrozen).map(\.name).suffix(2) == ["1.running_mean", "1.running_var"])
        let evaluation = try GradientCheck(network, loss: .meanSquaredError, valid: valid, mode: .evaluation)
        evaluation.parameters.view.assign(check.parameters.view)
        #expect(evaluation.pass().loss == check.pass().loss, "\(patterns), \(valid) samples")
      }
    }
    // One of weight and bias learns: the batches' statistics are used, and followed.
    var network = Network(input: [4], layers: layers)
    network.freezing = Freezing([NamePattern("1.weight")])
    #expect(try network.plan(microBatch: 5).layout.slots.filter(\.isFrozen).map(\.name) == ["1.weight"])
  }

  /// Before the first layer that learns nothing is computed backward, and nothing is kept for it.
  @Test func theFrontOfANetworkIsForwardAlone() throws {
    var network = Network(input: [8, 8, 1]) {
      Convolution(channels: 16, kernel: 3)
      ReLU()
      Convolution(channels: 16, kernel: 3)
      Flatten()
      Dense(units: 3)
    }
    let whole = try network.plan(microBatch: 4)
    network.freezing = Freezing([NamePattern("0.*"), NamePattern("2.*")])
    let plan = try network.plan(microBatch: 4)
    #expect(plan.backwardOperations == [4] && plan.arenaCount < whole.arenaCount)
    #expect(
      plan.layout.trainedCount
        == plan.layout.slots.filter { $0.name.hasPrefix("4.") }.reduce(0) { $0 + ($1.range.count + 15) / 16 * 16 })
    #expect(plan.layout.parameterCount == whole.layout.parameterCount)
  }

  @Test(
    arguments: [
      (["0.*"], [(2, ["1.*"])], "unfreeze.3: \"1.*\" fits no slot that is frozen"),
      (["5.*"], [], "freeze: \"5.*\" fits no slot; lockstep inspect lists"),
      (["*"], [], "freeze: nothing is left that learns"),
    ] as [([String], [(Int, [String])], String)])
  func patternsThatFitNothing(slots: [String], until: [(Int, [String])], message: String) {
    var network = Network(input: [4], layers: [Dense(units: 6), Dense(units: 3)])
    network.freezing = Freezing(
      slots.map { NamePattern($0) }, until: until.map { (epoch: $0.0, slots: $0.1.map { NamePattern($0) }) })
    #expect { try network.plan(microBatch: 2) } throws: { "\($0)".contains(message) }
  }

  /// The stages of a gradual unfreezing: what learns in them, and how far backward goes.
  @Test func stagesOfUnfreezing() throws {
    var network = Network(input: [4], layers: [Dense(units: 6), ReLU(), Dense(units: 5), Dense(units: 3)])
    let patterns = [NamePattern("0.*"), NamePattern("2.*")]
    network.freezing = Freezing(patterns, until: [(epoch: 4, [patterns[0]]), (epoch: 2, [patterns[1]])])
    let plan = try network.plan(microBatch: 2)
    #expect(plan.stages.map(\.epoch) == [0, 2, 4])
    #expect(
      plan.stages.map { $0.learns.map { $0 ? 1 : 0 } } == [
        [0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1],
      ])
    #expect(plan.stages.map { $0.runs.count(where: \.self) } == [1, 2, 4])
    #expect(plan.layout.frozenRange.isEmpty)
  }
}
