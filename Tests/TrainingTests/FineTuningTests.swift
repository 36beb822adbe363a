import Communication
import Datasets
import Layers
import Losses
import Optimizers
import Reduction
import Tensors
import Testing

@testable import Training

/// What is frozen, what begins to learn later, and rates by groups, on the way through clipping, lanes, buckets and ranks.
@Suite struct FineTuningTests {
  /// 4 steps an epoch.
  static let data = Dataset.twoClass(count: 203, seed: 5, part: .train)
  static let layers: [any Layer] = [
    Dense(units: 37), BatchNorm(), ReLU(), Residual(body: [Dense(units: 37), Tanh()]), Dense(units: 2),
  ]

  struct Result: Equatable {
    var losses: [Double] = []
    var norms: [Double] = []
    var slots: [String: [Float]] = [:]
    var stateCount = 0
  }

  static func train(
    _ freezing: Freezing = .none, groups: [SlotGroup] = [], layerDecay: Double = 1, steps: Int = 11, ranks: Int = 1,
    lanes: Int = 1, bucket: Int = 1 << 20, optimizer: any Optimizer = .adamW(weightDecay: 0.1), clip: Double? = 0.05,
    sharesMemory: Bool = true, reduction: ReductionMethod = .canonical, average: Double? = nil, batch: Int = 56
  ) throws -> [Result] {
    try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      var network = Network(input: [2], layers: layers)
      network.freezing = freezing
      var options = Trainer.Options(
        batch: batch, seed: 3, loss: .crossEntropy, optimizer: optimizer, decay: .weights,
        schedule: Schedule(rate: 0.01, steps: steps),
        gradientTransforms: clip.map { [ClipByGlobalNorm(limit: $0)] } ?? [], averageDecay: average,
        reduction: reduction, bucketSize: bucket, lanes: lanes)
      (options.groups, options.layerDecay) = (groups, layerDecay)
      let trainer = try Trainer(plan: try network.plan(microBatch: 8), dataset: data, options: options, world: world)
      var result = Result()
      for _ in 0..<steps {
        let report = try trainer.runStep()
        result.losses.append(report.loss)
        if let norm = report.gradientNorm { result.norms.append(norm) }
      }
      let layout = trainer.plan.layout
      for slot in layout.slots { result.slots[slot.name] = trainer.parameters[slot.range].array }
      if average != nil {
        let whole = FlatBuffer(count: layout.count)
        try trainer.collectAverage(into: whole.view)
        for slot in layout.slots { result.slots["average of \(slot.name)"] = whole.view[slot.range].array }
      }
      result.stateCount = trainer.stateSlots.reduce(0) { $0 + $1.count(for: layout) }
      return result
    }
  }

  static func patterns(_ texts: String...) -> [NamePattern] { texts.map { NamePattern($0) } }

  /// Frozen for ever and at rest for longer than the run lasts are two ways to the same bits; so is a rate of zero.
  @Test(arguments: [["0.*", "1.*"], ["3.*"], ["*.bias"]])
  func threeWaysToStay(slots: [String]) throws {
    let frozen = slots.map { NamePattern($0) }
    let own = try Self.train(Freezing(frozen), clip: nil)[0]
    var rest = try Self.train(Freezing(frozen, until: [(epoch: 99, frozen)]), clip: nil)[0]
    #expect(own.stateCount <= rest.stateCount)
    rest.stateCount = own.stateCount
    #expect(own == rest)
    // The norm is of what learns alone; its squares are added block by block, and blocks lie elsewhere: doubles of float sums.
    let norms = try [Freezing(frozen), Freezing(frozen, until: [(epoch: 99, frozen)]), .none].map {
      try Self.train($0, steps: 1)[0].norms[0]
    }
    #expect(abs(norms[0] - norms[1]) < 1e-5 * norms[0], "\(norms)")
    // A frozen batch norm computes something else, whose gradient may be larger.
    #expect(slots.contains("1.*") || norms[2] > norms[0], "\(norms)")
    let start = try Self.train(steps: 0)[0]
    for (name, values) in own.slots {
      let stays = frozen.match(name) || slots.contains("1.*") && name.hasPrefix("1.")
      #expect((start.slots[name]! == values) == stays, "\(name)")
    }
    // A batch norm at a rate of zero follows its batches.
    guard !slots.contains("1.*") else { return }
    let still = [SlotGroup(frozen, rate: 0, weightDecay: 0)]
    #expect(try Self.train(groups: still, clip: nil)[0].slots == own.slots)
  }

  @Test(arguments: [1, 2, 3, 5])
  func theBitsAreTheSameOnAnyNumberOfRanks(ranks: Int) throws {
    let freezing = Freezing(
      Self.patterns("0.*", "1.*", "3.*"), until: [(epoch: 1, Self.patterns("3.*")), (epoch: 2, Self.patterns("1.*"))])
    let groups = [
      SlotGroup(Self.patterns("3.*"), rate: 0.5, weightDecay: 0), SlotGroup(Self.patterns("*.bias"), rate: 2),
    ]
    for optimizer in [.adamW(weightDecay: 0.1), .lamb()] as [any Optimizer] {
      func run(_ ranks: Int, _ lanes: Int, _ bucket: Int, _ sharesMemory: Bool) throws -> [Result] {
        try Self.train(
          freezing, groups: groups, layerDecay: 0.75, ranks: ranks, lanes: lanes, bucket: bucket, optimizer: optimizer,
          sharesMemory: sharesMemory, average: 0.9)
      }
      let expected = try run(1, 1, 1 << 20, true)[0]
      let start = try Self.train(steps: 0)[0]
      #expect(expected.slots["0.weight"] == start.slots["0.weight"])
      #expect(expected.slots["3.0.weight"] != start.slots["3.0.weight"])
      #expect(expected.slots["average of 0.weight"] == start.slots["0.weight"])
      for (lanes, bucket, sharesMemory) in [(1, 1 << 20, true), (2, 1024, false), (3, 1024, true)] {
        let isEqual = try run(ranks, lanes, bucket, sharesMemory).allSatisfy { $0 == expected }
        #expect(isEqual, "\(lanes) lanes, buckets of \(bucket), shared memory: \(sharesMemory)")
      }
    }
  }

  /// Until its epoch comes a slot stays; in its first step it is moved as far as the first step of a run moves one, whatever the step.
  @Test func aSlotBeginsWithAFirstStep() throws {
    let until = Freezing(Self.patterns("0.*"), until: [(epoch: 1, Self.patterns("0.*"))])
    func weight(after steps: Int) throws -> [Float] {
      try Self.train(until, steps: steps, optimizer: .adam(), clip: nil)[0].slots["0.weight"]!
    }
    let start = try weight(after: 0)
    #expect(try weight(after: 4) == start)
    let moved = zip(try weight(after: 5), start).map { abs($0 - $1) }
    // Adam's first step is the rate, wherever there is a gradient.
    #expect(moved.allSatisfy { $0 < 0.0101 } && moved.count { $0 > 0.0099 } > moved.count / 2)
  }

  /// One step of SGD goes as far as the group's rate and the decay of the layers say.
  @Test func ratesOfGroupsAndLayers() throws {
    func step(_ groups: [SlotGroup], _ layerDecay: Double) throws -> [String: [Float]] {
      try Self.train(groups: groups, layerDecay: layerDecay, steps: 1, optimizer: .sgd(), clip: nil)[0].slots
    }
    let start = try Self.train(steps: 0)[0].slots
    let plain = try step([], 1)
    let found = try step([SlotGroup(Self.patterns("3.*"), rate: 4), SlotGroup(Self.patterns("*.bias"), rate: 2)], 0.5)
    for (name, factor) in [
      ("0.weight", 0.125), ("0.bias", 0.25), ("1.weight", 0.25), ("1.bias", 0.5), ("3.0.weight", 2), ("3.0.bias", 2),
      ("4.weight", 1), ("4.bias", 2),
    ] as [(String, Float)] {
      for (place, value) in start[name]!.enumerated() {
        let (usual, own) = (plain[name]![place] - value, found[name]![place] - value)
        #expect(abs(own - factor * usual) <= 1e-7 * max(1, abs(value)), "\(name)")
      }
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    #expect(throws: (any Error).self) { try Self.train(groups: [SlotGroup(Self.patterns("7.*"))], steps: 0) }
    #expect(throws: (any Error).self) {
      try Self.train(Freezing(Self.patterns("0.*")), groups: [SlotGroup(Self.patterns("0.*"))], steps: 0)
    }
  }
}
