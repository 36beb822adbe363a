import Communication
import Datasets
import Layers
import Losses
import Optimizers
import Tensors
import Testing

@testable import Training

/// What a step does to slots of different roles, on the way through clipping, lanes, buckets and ranks.
@Suite struct SlotRoleTests {
  static let data = Dataset.twoClass(count: 203, seed: 5, part: .train)
  static let plain: [any Layer] = [Dense(units: 37), ReLU(), Dense(units: 2)]
  static let momentum: Float = 0.25

  struct Result: Equatable {
    var losses: [Double] = []
    var norms: [Double] = []
    var slots: [String: [Float]] = [:]
  }

  static func train(
    _ layers: [any Layer], steps: Int = 6, batch: Int = 56, ranks: Int = 1, lanes: Int = 1, bucket: Int = 1 << 20,
    optimizer: any Optimizer = .adamW(weightDecay: 0.1), decay: DecayMask = .weights, clip: Double? = 0.05,
    sharesMemory: Bool = true
  ) throws -> [Result] {
    try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      let trainer = try Trainer(
        plan: try Network(input: [2], layers: layers).plan(microBatch: 8), dataset: data,
        options: .init(
          batch: batch, seed: 3, loss: .crossEntropy, optimizer: optimizer, decay: decay,
          schedule: Schedule(rate: 0.01, steps: steps),
          gradientTransforms: clip.map { [ClipByGlobalNorm(limit: $0)] } ?? [], bucketSize: bucket, lanes: lanes),
        world: world)
      var result = Result()
      for _ in 0..<steps {
        let report = try trainer.runStep()
        result.losses.append(report.loss)
        if let norm = report.gradientNorm { result.norms.append(norm) }
      }
      for slot in trainer.plan.layout.slots { result.slots[slot.name] = trainer.parameters[slot.range].array }
      return result
    }
  }

  @Test(arguments: 1...9)
  func statisticsHaveTheSameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let layers = [Means(momentum: Self.momentum)] + Self.plain + [Means(momentum: 0.5)]
    let expected = try Self.train(layers)[0]
    for (lanes, bucket, sharesMemory) in [(1, 1 << 20, true), (1, 1024, false), (2, 1024, true)] {
      let found = try Self.train(layers, ranks: ranks, lanes: lanes, bucket: bucket, sharesMemory: sharesMemory)
      let isEqual = found.allSatisfy { $0 == expected }
      #expect(isEqual, "\(lanes) lanes, buckets of \(bucket), shared memory: \(sharesMemory)")
    }
  }

  /// A layer that hands everything on as it is and keeps statistics: neither the gradient's norm, nor clipping, decay or
  /// any learned number knows of it.
  @Test func statisticsAreNoPartOfTheGradient() throws {
    let without = try Self.train(Self.plain)[0]
    var with = try Self.train(Self.plain + [Means(momentum: Self.momentum)])[0]
    #expect(with.slots.removeValue(forKey: "3.running_mean") != nil)
    #expect(with == without)
    #expect(without.norms.allSatisfy { $0 > 0.05 }, "all steps are clipped")
  }

  /// One batch is all data, five times: running = (1 - (1 - momentum)⁵)·mean, to a few roundings of numbers near one.
  @Test func aStatisticIsTheRunningMeanOverTheSamples() throws {
    let found = try Self.train([Means(momentum: Self.momentum)] + Self.plain, steps: 5, batch: 208, ranks: 3)[0]
    let features = FlatBuffer(count: Self.data.count * 2)
    let samples = Array(0..<Self.data.count)
    samples.withUnsafeBufferPointer { Self.data.gather($0, into: features.view) }
    for feature in 0..<2 {
      let sum = samples.reduce(0.0) { $0 + Double(features.view[$1 * 2 + feature]) }
      let expected = sum / Double(Self.data.count) * 0.762_695_312_5
      #expect(abs(Double(found.slots["0.running_mean"]![feature]) - expected) < 1e-6)
    }
  }

  /// Biases start at zero, where decay is nothing; after the second step they alone know of it.
  @Test func decayLeavesBiasesOutWhereItIsAskedTo() throws {
    let optimizers: [(any Optimizer, withoutDecay: any Optimizer)] = [
      (.sgd(weightDecay: 0.1), .sgd()), (.adam(weightDecay: 0.1), .adam()),
      (.adamW(weightDecay: 0.1), .adamW(weightDecay: 0)),
    ]
    for (optimizer, withoutDecay) in optimizers {
      let all = try Self.train(Self.plain, steps: 2, optimizer: optimizer, decay: .all, clip: nil)[0]
      let weights = try Self.train(Self.plain, steps: 2, optimizer: optimizer, decay: .weights, clip: nil)[0]
      let none = try Self.train(
        Self.plain, steps: 2, optimizer: withoutDecay, decay: .all, clip: nil)[0]
      for name in ["0.weight", "2.weight"] {
        #expect(all.slots[name] == weights.slots[name] && all.slots[name] != none.slots[name], "\(optimizer): \(name)")
      }
      for name in ["0.bias", "2.bias"] { #expect(all.slots[name] != weights.slots[name], "\(optimizer): \(name)") }
    }
  }
}

/// Hands its input on, and keeps the running mean of each feature.
private struct Means: Layer {
  static let kind = "means"
  let momentum: Float

  func outputShape(for input: Shape) -> Shape { input }
  func parameters(for input: Shape) -> [Parameter] {
    [Parameter("running_mean", input, .zeros, role: .statistic(momentum: momentum))]
  }
  var backwardReads: BackwardReads { .input }
  func bind(_ binding: Binding) -> any BoundLayer {
    Bound(x: binding.input, y: binding.output, slot: binding.slots[0], width: binding.inputShape.count)
  }

  private struct Bound: BoundLayer {
    let x: Int, y: Int, slot: Int, width: Int

    func forward(_ lane: borrowing Lane) { lane.values[y].assign(lane.values[x]) }

    func backward(_ lane: borrowing Lane) {
      let (sums, values) = (lane.parameterGradients[slot], lane.values[x])
      sums.clear()
      for row in 0..<lane.validCount { for column in 0..<width { sums[column] += values[row * width + column] } }
      if lane.gradients[x].count > 0 { lane.gradients[x].assign(lane.gradients[y]) }
    }
  }
}
