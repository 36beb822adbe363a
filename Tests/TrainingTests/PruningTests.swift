import Communication
import Datasets
import Diagnostics
import Layers
import Losses
import Optimizers
import Reduction
import Tensors
import Testing

@testable import Training

/// What pruning does to the parameters of a trainer, and when.
@Suite struct PruningTests {
  /// Shares by hand: 10 steps an epoch, of 0.8 between the steps 0 and 20 by fives.
  @Test func theScheduleIsThatOfZhuAndGupta() {
    func shares(_ pruning: Pruning, upTo last: Int = 40) -> [Int: Double] {
      Dictionary(
        uniqueKeysWithValues: (1...last).compactMap { done in
          pruning.share(after: done, stepsPerEpoch: 10).map { (done, $0) }
        })
    }
    let cubic = shares(Pruning(share: 0.8, until: 2, every: 5))
    // 0.8 times 1 - (3/4)³, 1 - (1/2)³, 1 - (1/4)³, 1
    #expect(cubic == [5: 0.8 * 0.578125, 10: 0.8 * 0.875, 15: 0.8 * 0.984375, 20: 0.8])
    let linear = shares(Pruning(share: 0.8, from: 1, until: 2, every: 4, course: .linear))
    #expect(linear == [14: 0.8 * (1 - 0.6), 18: 0.8 * (1 - 0.2), 20: 0.8])
    // At once, and sooner than a step.
    #expect(shares(Pruning(share: 0.5, from: 1.5, until: 1.5)) == [15: 0.5])
    #expect(shares(Pruning(share: 0.5, until: 0.01)) == [1: 0.5])
    #expect(Pruning(share: 0.8, until: 2, every: 5).firstStep(stepsPerEpoch: 10) == 5)
    #expect(Pruning(share: 0.8, from: 1, until: 2, every: 50).firstStep(stepsPerEpoch: 10) == 20)
  }

  /// 4 steps an epoch.
  private static let data = Dataset.twoClass(count: 203, seed: 5, part: .train)
  private static let layers: [any Layer] = [
    Dense(units: 37), BatchNorm(), ReLU(), Dense(units: 23), GELU(), Residual(body: [Dense(units: 23), Tanh()]),
    Dense(units: 2),
  ]

  private struct Result: Equatable {
    var slots: [String: [Float]] = [:]
    var norms: [Double] = []
    /// By step: zeros of each slot.
    var zeros: [[String: Int]] = []
    /// Numbers of the state that are not 0 where a weight is.
    var left = 0
  }

  private static func train(
    _ pruning: Pruning?, steps: Int = 17, ranks: Int = 1, lanes: Int = 1, bucket: Int = 1 << 20,
    optimizer: any Optimizer = .adamW(weightDecay: 0.1), sharesMemory: Bool = true, freezing: Freezing = .none,
    groups: [SlotGroup] = [], reduction: ReductionMethod = .canonical
  ) throws -> Result {
    let results = try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      var network = Network(input: [2], layers: layers)
      network.freezing = freezing
      var options = Trainer.Options(
        batch: 56, seed: 3, loss: .crossEntropy, optimizer: optimizer, decay: .weights,
        schedule: Schedule(rate: 0.01, steps: steps), gradientTransforms: [ClipByGlobalNorm(limit: 0.05)],
        averageDecay: 0.9, reduction: reduction, bucketSize: bucket, lanes: lanes)
      (options.pruning, options.groups) = (pruning, groups)
      let trainer = try Trainer(plan: try network.plan(microBatch: 8), dataset: data, options: options, world: world)
      var result = Result()
      let layout = trainer.plan.layout
      for _ in 0..<steps {
        let report = try trainer.runStep()
        result.norms.append(report.gradientNorm!)
        result.zeros.append(
          Dictionary(
            uniqueKeysWithValues: layout.slots.map { slot in
              (slot.name, trainer.parameters[slot.range].array.count { $0 == 0 })
            }))
      }
      for slot in layout.slots { result.slots[slot.name] = trainer.parameters[slot.range].array }
      let state = trainer.stateSlots.map { FlatBuffer(count: $0.count(for: layout)) }
      try trainer.gatherState(into: world.rank == 0 ? state : [])
      if world.rank == 0, pruning != nil {
        for (slot, buffer) in zip(trainer.stateSlots, state) where slot.isSharded {
          for weight in layout.slots where weight.shape.rank > 1 && !weight.isFrozen {
            result.left += weight.range.count { trainer.parameters[$0] == 0 && buffer.view[$0] != 0 }
          }
        }
      }
      return result
    }
    for result in results { #expect(result.slots == results[0].slots && result.norms == results[0].norms) }
    return results[0]
  }

  private static let weights = ["0.weight", "3.weight", "5.0.weight", "6.weight"]
  private static let counts = ["0.weight": 74, "3.weight": 851, "5.0.weight": 529, "6.weight": 46]

  /// A global share, of all weights together, after each time, and none comes back; biases and norms stay.
  @Test func weightsGoAndStayAway() throws {
    let pruning = Pruning(share: 0.75, from: 1, until: 3, every: 2)
    let result = try Self.train(pruning)
    let all = Self.counts.values.reduce(0, +)
    var expected = 0
    for (place, zeros) in result.zeros.enumerated() {
      if let share = pruning.share(after: place + 1, stepsPerEpoch: 4) { expected = Int(share * Double(all)) }
      #expect(Self.weights.reduce(0) { $0 + zeros[$1]! } == expected, "after \(place + 1) steps")
    }
    #expect(expected == Int(0.75 * Double(all)) && result.left == 0)
    #expect(result.slots["3.bias"]!.allSatisfy { $0 != 0 } && result.slots["1.weight"]!.allSatisfy { $0 != 0 })
    let plain = try Self.train(nil)
    #expect(plain.zeros.allSatisfy { zeros in Self.weights.allSatisfy { zeros[$0] == 0 } })
    // The first 5 steps know nothing of it; then the norm is of what is left.
    #expect(plain.norms.prefix(6) == result.norms.prefix(6) && plain.norms[6] != result.norms[6])
  }

  /// The bits on 1 to 9 ranks, in shared memory and by messages, with lanes and small buckets.
  @Test(arguments: [
    Pruning(share: 0.75, from: 1, until: 3, every: 2),
    Pruning(
      share: 0.5, until: 2, every: 3, course: .linear, scope: .slot, slots: [NamePattern("3.*"), NamePattern("6.*")]),
    Pruning(share: 0.6, until: 3, every: 3, structured: true),
  ])
  func theBitsAreTheSameOnAnyRanks(pruning: Pruning) throws {
    let whole = try Self.train(pruning)
    #expect(whole.left == 0)
    for ranks in 2...9 {
      let result = try Self.train(
        pruning, ranks: ranks, lanes: 1 + ranks % 2, bucket: ranks % 2 == 0 ? 64 : 1 << 20, sharesMemory: ranks % 3 != 0
      )
      #expect(result == whole, "\(ranks) ranks")
    }
  }

  /// Each optimizer leaves a weight of 0 without gradient and state where it is.
  @Test(arguments: OptimizerChoice.all)
  func noOptimizerBringsAWeightBack(choice: OptimizerChoice) throws {
    let pruning = Pruning(share: 0.7, until: 1, scope: .slot)
    let result = try Self.train(pruning, optimizer: choice.optimizer)
    for zeros in result.zeros.dropFirst(3) {
      for name in Self.weights { #expect(zeros[name] == Int(0.7 * Double(Self.counts[name]!)), "\(name)") }
    }
    #expect(result.left == 0)
  }

  struct OptimizerChoice: CustomTestStringConvertible {
    let testDescription: String
    let optimizer: any Optimizer
    static let all: [OptimizerChoice] = [
      .init(testDescription: "sgd", optimizer: .sgd(momentum: 0.9)),
      .init(testDescription: "adam", optimizer: .adam()),
      .init(testDescription: "rmsprop", optimizer: .rmsProp(momentum: 0.9)),
      .init(testDescription: "lamb", optimizer: .lamb()),
      .init(testDescription: "amsgrad", optimizer: Adam(amsgrad: true)),
      .init(testDescription: "lion", optimizer: Lion(weightDecay: 0.1)),
      .init(testDescription: "adagrad", optimizer: Adagrad()),
    ]
  }

  /// What is frozen keeps its weights; what a group holds is pruned as the rest.
  @Test func frozenSlotsAndGroups() throws {
    let pruning = Pruning(share: 0.5, until: 1, scope: .slot)
    let result = try Self.train(
      pruning, freezing: Freezing([NamePattern("3.*")]), groups: [SlotGroup([NamePattern("6.*")], rate: 3)])
    #expect(result.zeros.last!["3.weight"] == 0 && result.zeros.last!["6.weight"] == 23)
    // A slot that begins to learn in the third epoch loses nothing before.
    let held = try Self.train(
      Pruning(share: 0.5, until: 3, every: 2, scope: .slot),
      freezing: Freezing([NamePattern("3.*")], until: [(epoch: 2, [NamePattern("3.*")])]))
    #expect(held.zeros[7]["3.weight"] == 0 && held.zeros[7]["6.weight"]! > 0 && held.zeros[11]["3.weight"] == 425)
  }

  /// Outputs go with their weights, their biases and what norms have of them, and not those that branches read.
  @Test func outputsGoWhole() throws {
    let result = try Self.train(Pruning(share: 0.6, until: 2, every: 3, structured: true))
    let rows = stride(from: 0, to: 74, by: 2).map { result.slots["0.weight"]![$0..<$0 + 2].allSatisfy { $0 == 0 } }
    #expect(rows.count(where: \.self) == Int(0.6 * 37))
    #expect(zip(result.slots["0.bias"]!, rows).allSatisfy { $0 == 0 || !$1 })
    for name in ["1.weight", "1.bias"] {
      #expect(zip(result.slots[name]!, rows).allSatisfy { ($0 == 0) == $1 }, "\(name)")
    }
    for name in ["3.weight", "5.0.weight", "6.weight"] { #expect(result.zeros.last![name] == 0, "\(name)") }
    // Never all of them.
    let most = try Self.train(Pruning(share: 0.999, until: 1, structured: true))
    #expect(most.zeros.last!["0.weight"] == 2 * 36)
  }

  @Test func patternsThatFitNothingAreNamed() {
    func message(_ pruning: Pruning) -> String {
      do { _ = try Self.train(pruning) } catch { return Failure(reporting: error).description }
      return "none"
    }
    #expect(
      message(Pruning(share: 0.5, until: 1, slots: [NamePattern("3.weigth")]))
        == "prune.slots: \"3.weigth\" fits no slot of weights that learn; the nearest is 3.weight")
    #expect(message(Pruning(share: 0.5, until: 1, slots: [NamePattern("3.bias")])).contains("fits no slot"))
    #expect(
      message(Pruning(share: 0.5, until: 1, slots: [NamePattern("5.*")], structured: true))
        .contains("of a layer whose outputs another layer alone reads"))
  }

  /// Outputs with more weights than are added up at once: those with the smallest norms of all of their weights go.
  @Test func outputsOfManyWeightsArePruned() throws {
    let width = 20_000
    let data = Dataset(
      source: "wide", shape: [width], features: .floats((0..<8 * width).map { Float($0 % 13) / 13 }),
      targets: .classes((0..<8).map { Int32($0 % 2) }, names: ["no", "yes"]))
    let plan = try Network(input: [width], layers: [Dense(units: 4), ReLU(), Dense(units: 2)]).plan(microBatch: 4)
    var options = Trainer.Options(
      batch: 8, seed: 3, loss: .crossEntropy, optimizer: .sgd(), schedule: Schedule(rate: 1e-30, steps: 1))
    options.pruning = Pruning(share: 0.5, until: 1, every: 1, structured: true)
    let trainer = try Trainer(plan: plan, dataset: data, options: options, world: LocalWorld.single())
    // The first half of the weights alone would choose others.
    let scales: [(Float, Float)] = [(1, 1), (2, 0), (0, 3), (0, 2)]
    for (unit, scale) in scales.enumerated() {
      for place in 0..<width { trainer.parameters[unit * width + place] = place < width / 2 ? scale.0 : scale.1 }
    }
    _ = try trainer.runStep()
    let zeros = (0..<4).map { unit in
      trainer.parameters[unit * width..<(unit + 1) * width].array.allSatisfy { $0 == 0 }
    }
    // Norms of 1 + 1, 4, 9 and 4: of equal ones the first goes.
    #expect(zeros == [true, true, false, false])
  }
}
