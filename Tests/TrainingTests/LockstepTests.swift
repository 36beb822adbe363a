import Communication
import Datasets
import Layers
import Losses
import Optimizers
import Reduction
import Tensors
import Testing

@testable import Training

/// The contract: the same bits for any number of ranks and lanes and any bucket size.
@Suite struct LockstepTests {
  /// 203 samples in batches of 56 by 8: seven leaves, an incomplete last batch of 35 with five leaves, the last of three.
  static let data = Dataset.twoClass(count: 203, seed: 5, part: .train)
  static let network = Network(input: [2]) {
    Dense(units: 37)
    ReLU()
    Dropout(rate: 0.25)
    Dense(units: 29, bias: false)
    Tanh()
    Dense(units: 2)
  }
  static let steps = 11

  static func digest(
    ranks: Int, lanes: Int = 1, bucket: Int = 1 << 20, reduction: ReductionMethod = .canonical,
    optimizer: any Optimizer = .adam(), clip: Double? = nil, average: Double? = nil, sharesMemory: Bool = true,
    overlap: Overlap = .auto, network: Network = network, levels: [Int] = [],
    precision: NumberFormat = .float32
  ) throws -> [String] {
    try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      let trainer = try Trainer(
        plan: try network.plan(microBatch: 8, precision: precision),
        dataset: data.transformed(by: [Standardisation(from: data, per: .feature)]),
        options: .init(
          batch: 56, seed: 3, loss: .crossEntropy, optimizer: optimizer,
          schedule: Schedule(rate: 0.01, warmup: 3, shape: .cosine(minimum: 0.001), steps: steps),
          gradientTransforms: clip.map { [ClipByGlobalNorm(limit: $0)] } ?? [],
          averageDecay: average, reduction: reduction, bucketSize: bucket, overlap: overlap, lanes: lanes,
          adaptsLanes: !levels.isEmpty, cores: lanes > 1 ? lanes + 1 : 1),
        world: world)
      var text = ""
      for step in 0..<steps {
        if !levels.isEmpty { trainer.laneChoice.level = levels[step % levels.count] }
        text += "\(try trainer.runStep().loss) "
      }
      // Rank zero alone has the state; the others take its word for it.
      let layout = trainer.plan.layout
      let state = world.rank == 0 ? trainer.stateSlots.map { FlatBuffer(count: $0.count(for: layout)) } : []
      try trainer.gatherState(into: state)
      let digests = state.map { Digest(of: $0.view, layout: layout).hex }
      return text + Digest(of: trainer.parameters, layout: trainer.plan.layout).hex
        + (try world.allGather(digests.joined())[0])
    }
  }

  @Test(arguments: 1...9)
  func sameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let expected = try Self.digest(ranks: 1)[0]
    for sharesMemory in [true, false] {
      let found = try Self.digest(ranks: ranks, sharesMemory: sharesMemory)
      #expect(found == Array(repeating: expected, count: ranks), "shared memory: \(sharesMemory)")
    }
  }

  @Test(arguments: 1...9)
  func bfloat16KeepsTheBits(ranks: Int) throws {
    let expected = try Self.digest(ranks: 1, precision: .bfloat16)[0]
    #expect(try expected != Self.digest(ranks: 1)[0])
    for lanes in [1, 3] {
      #expect(try Set(Self.digest(ranks: ranks, lanes: lanes, precision: .bfloat16)) == [expected], "\(lanes) lanes")
    }
  }

  @Test(arguments: [1, 2, 3, 5], [1, 2, 3])
  func sameBitsOnAnyNumberOfLanesAndBuckets(ranks: Int, lanes: Int) throws {
    let expected = try Self.digest(ranks: 1)[0]
    for (bucket, sharesMemory) in [(1, true), (1, false), (1 << 20, true), (1 << 20, false)] {
      let found = try Self.digest(ranks: ranks, lanes: lanes, bucket: bucket, sharesMemory: sharesMemory)
      #expect(Set(found) == [expected], "buckets of \(bucket), shared memory: \(sharesMemory)")
    }
  }

  /// Lanes that come and go from step to step, of 4 and of 7: levels 4, 2, 1 and 7, 3, 1.
  @Test(arguments: 1...9)
  func lanesThatChangeKeepTheBits(ranks: Int) throws {
    let expected = try Self.digest(ranks: 1)[0]
    for (lanes, levels) in [(4, [1, 2, 0]), (7, [2, 0, 0, 1, 1])] {
      for (bucket, sharesMemory) in [(1, true), (1, false), (1 << 20, true)] {
        let found = try Self.digest(
          ranks: ranks, lanes: lanes, bucket: bucket, sharesMemory: sharesMemory, levels: levels)
        #expect(Set(found) == [expected], "\(lanes) lanes, buckets of \(bucket), shared memory: \(sharesMemory)")
      }
    }
  }

  /// Twelve buckets of learned slots, which the last layer completes first, and one of running statistics, which the
  /// first normalisation completes.
  static let wide = Network(input: [2]) {
    Dense(units: 61)
    BatchNorm()
    Tanh()
    Dense(units: 64)
    BatchNorm()
    ReLU()
    Dense(units: 100)
    Dense(units: 2)
  }

  @Test(arguments: 1...9)
  func sendingDuringBackwardKeepsTheBits(ranks: Int) throws {
    let expected = try Self.digest(ranks: 1, network: Self.wide)[0]
    for (lanes, bucket, overlap) in [
      (1, 1, Overlap.always), (2, 1, .always), (3, 2048, .always), (2, 1 << 20, .always), (2, 1, .never), (1, 1, .auto),
    ] {
      let found = try Self.digest(
        ranks: ranks, lanes: lanes, bucket: bucket, sharesMemory: false, overlap: overlap, network: Self.wide)
      #expect(Set(found) == [expected], "\(lanes) lanes, buckets of \(bucket), overlap: \(overlap)")
    }
  }

  @Test(arguments: [2, 3, 4, 7])
  func clippingAndOtherOptimizersKeepTheBits(ranks: Int) throws {
    let optimizers: [any Optimizer] = [
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-3), .adamW(), .sgd(),
      .rmsProp(momentum: 0.5, centered: true),
    ]
    for optimizer in optimizers {
      let expected = try Self.digest(ranks: 1, optimizer: optimizer, clip: 0.05)[0]
      for sharesMemory in [true, false] {
        let found = try Self.digest(
          ranks: ranks, bucket: 1024, optimizer: optimizer, clip: 0.05, sharesMemory: sharesMemory)
        #expect(Set(found) == [expected], "shared memory: \(sharesMemory)")
      }
      #expect(try Self.digest(ranks: 1, optimizer: optimizer)[0] != expected, "0.05 must clip")
    }
  }

  /// Its ratios come of norms over slots that lie with several owners.
  @Test(arguments: 1...9)
  func lambKeepsTheBits(ranks: Int) throws {
    for clip in [nil, 0.05] {
      let expected = try Self.digest(ranks: 1, optimizer: .lamb(), clip: clip)[0]
      for (lanes, bucket, sharesMemory) in [(1, 1 << 20, true), (2, 1, false), (3, 1024, true)] {
        let found = try Self.digest(
          ranks: ranks, lanes: lanes, bucket: bucket, optimizer: .lamb(), clip: clip, sharesMemory: sharesMemory)
        #expect(Set(found) == [expected], "\(lanes) lanes, buckets of \(bucket), shared memory: \(sharesMemory)")
      }
    }
  }

  /// The average is a buffer of the optimizer's state: the digests of all of them follow that of the parameters.
  @Test(arguments: [1, 2, 3, 5, 9])
  func averagesKeepTheBitsAndTouchNone(ranks: Int) throws {
    for optimizer in [.adam(), .lamb()] as [any Optimizer] {
      let without = try Self.digest(ranks: 1, optimizer: optimizer)[0]
      let expected = try Self.digest(ranks: 1, optimizer: optimizer, average: 0.9)[0]
      #expect(expected.hasPrefix(without) && expected.count == without.count + 64)
      for (lanes, bucket, sharesMemory) in [(1, 1 << 20, true), (2, 1, false)] {
        let found = try Self.digest(
          ranks: ranks, lanes: lanes, bucket: bucket, optimizer: optimizer, average: 0.9, sharesMemory: sharesMemory)
        #expect(Set(found) == [expected], "\(lanes) lanes, buckets of \(bucket), shared memory: \(sharesMemory)")
      }
    }
  }

  /// Against the sum by hand: average ← 0.75·average + 0.25·parameters. 1e-6: eleven roundings of numbers near one.
  @Test func theAverageIsExponential() throws {
    _ = try LocalWorld.run(ranks: 2) { world in
      let trainer = try Trainer(
        plan: try Self.network.plan(microBatch: 8), dataset: Self.data,
        options: .init(
          batch: 56, seed: 3, loss: .crossEntropy, optimizer: .sgd(), schedule: Schedule(rate: 0.1, steps: Self.steps),
          averageDecay: 0.75),
        world: world)
      var expected: [Double] = []
      for step in 0..<Self.steps {
        _ = try trainer.runStep()
        let parameters = trainer.parameters.array.map(Double.init)
        expected = step == 0 ? parameters : zip(expected, parameters).map { 0.75 * $0 + 0.25 * $1 }
      }
      let average = FlatBuffer(count: trainer.plan.layout.count)
      try trainer.collectAverage(into: average.view)
      let furthest = zip(average.view.array, expected).map { abs(Double($0) - $1) }.max()!
      #expect(furthest < 1e-6)
      let moved = zip(trainer.parameters.array, expected).map { abs(Double($0) - $1) }.max()!
      #expect(moved > 1e-3, "the average is not the parameters")
    }
  }

  /// Gates, and one row made of the rows of a sequence.
  static let gates = Network(input: [2]) {
    Dense(units: 30)
    Reshape([5, 6])
    Parallel(join: .multiply, branches: [[Dense(units: 7), Sigmoid()], [Dense(units: 7), Tanh()], [Dense(units: 7)]])
    Parallel(join: .add, branches: [[MeanPositions()], [SelectPosition(0)], [SelectPosition(-1)]])
    Dense(units: 2)
  }

  @Test(arguments: [1, 2, 3, 5], [1, 2])
  func gatesKeepTheBits(ranks: Int, lanes: Int) throws {
    let expected = try Self.digest(ranks: 1, network: Self.gates)[0]
    let found = try Self.digest(ranks: ranks, lanes: lanes, bucket: 1, sharesMemory: false, network: Self.gates)
    #expect(Set(found) == [expected])
  }

  /// The comparison can fail: another order of addition gives other bits.
  @Test func nativeReductionDependsOnTheNumberOfRanks() throws {
    let expected = try Self.digest(ranks: 1)[0]
    let native = try Self.digest(ranks: 3, reduction: .native)
    #expect(Set(native).count == 1, "the ranks agree with each other")
    #expect(native[0] != expected)
  }
}
