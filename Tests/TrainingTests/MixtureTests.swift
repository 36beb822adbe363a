import Augmentations
import Communication
import Datasets
import Layers
import Losses
import Optimizers
import Tensors
import Testing

@testable import Training

/// Targets that are mixtures of two, in losses and in steps.
@Suite struct MixtureTests {
  private static let (rows, valid, columns) = (5, 4, 3)
  private static let logits: [Float] = [1, -2, 0.5, 3, 0.25, -1, 0, 1, 2, 0.5, 0.25, -4, 9, 9, 9]
  private static let own: [Int32] = [2, 0, 1, 1, 0]
  private static let others: [Int32] = [1, 1, 1, 0, 0]

  private func floats(_ values: [Float]) -> FloatView {
    let buffer = FlatBuffer(count: values.count)
    buffer.view.assign(values)
    return buffer.view
  }

  private func sum(
    _ loss: any Loss, shares: [Float], weights: [Float]? = nil, logits: [Float] = MixtureTests.logits
  ) -> (sum: Double, weight: Double, gradient: [Float]) {
    let gradient = floats([Float](repeating: 7, count: logits.count))
    return Self.own.withUnsafeBufferPointer { own in
      Self.others.withUnsafeBufferPointer { others in
        let mixture = TargetMixture(others: others, shares: floats(shares))
        let weights = weights.map { floats($0) }
        let sum = loss.sum(
          floats(logits), .classes(own), mixture: mixture, weights: weights, rows: Self.rows, valid: Self.valid,
          gradient: gradient, scratch: floats([0, 0, 0]))
        let weight = loss.weight(
          of: .classes(own), mixture: mixture, weights: weights, rows: Self.rows, valid: Self.valid)
        return (sum, weight, gradient.array)
      }
    }
  }

  private static let losses: [any Loss] = [
    .crossEntropy, .crossEntropy(labelSmoothing: 0.1, classWeights: [0.3, 1.7, 1]),
  ]

  /// λ of the one and 1 - λ of the other, in loss, weight and gradient; rows of absent samples have none.
  @Test func lossesAreMixed() {
    for loss in Self.losses {
      let shares: [Float] = [0.25, 1, 0, 0.5, 0.5]
      let mixed = sum(loss, shares: shares)
      var (expected, weight, gradient) = (0.0, 0.0, [Float](repeating: 0, count: 15))
      for row in 0..<Self.valid {
        for (classes, share) in [(Self.own, shares[row]), (Self.others, 1 - shares[row])] {
          let part = floats(Array(Self.logits[row * 3..<row * 3 + 3])), slope = floats([0, 0, 0])
          [classes[row]].withUnsafeBufferPointer { target in
            expected += Double(share) * loss.sum(part, .classes(target), rows: 1, valid: 1, gradient: slope)
            weight += Double(share) * loss.weight(of: .classes(target), rows: 1, valid: 1)
          }
          for index in 0..<3 { gradient[row * 3 + index] += share * slope[index] }
        }
      }
      #expect(abs(mixed.sum - expected) < 1e-12 && abs(mixed.weight - weight) < 1e-12)
      #expect(mixed.gradient == gradient)
      #expect(mixed.gradient.suffix(3) == [0, 0, 0])
    }
  }

  /// The slope of the sum, numerically: steps of 1/64 are off by their square, 1e-4.
  @Test func gradientsAreSlopes() {
    let (shares, weights): ([Float], [Float]) = ([0.3, 0.8, 0.1, 0.5, 1], [1, 2, 0.5, 3, 1])
    for loss in Self.losses {
      let gradient = sum(loss, shares: shares, weights: weights).gradient
      for place in 0..<12 {
        var (up, down) = (Self.logits, Self.logits)
        up[place] += 1 / 64
        down[place] -= 1 / 64
        let slope =
          32
          * (sum(loss, shares: shares, weights: weights, logits: up).sum
            - sum(loss, shares: shares, weights: weights, logits: down).sum)
        #expect(abs(slope - Double(gradient[place])) < 5e-4, "\(loss.kind), number \(place)")
      }
    }
  }

  /// Shares of one give the bits of unmixed targets.
  @Test func sharesOfOne() {
    for loss in Self.losses {
      let mixed = sum(loss, shares: [1, 1, 1, 1, 1])
      let gradient = floats([Float](repeating: 7, count: 15))
      let plain = Self.own.withUnsafeBufferPointer {
        (
          loss.sum(floats(Self.logits), .classes($0), rows: Self.rows, valid: Self.valid, gradient: gradient),
          loss.weight(of: .classes($0), rows: Self.rows, valid: Self.valid)
        )
      }
      #expect((mixed.sum, mixed.weight) == plain && mixed.gradient == gradient.array)
    }
  }

  private static let data = Dataset.twoClass(count: 203, seed: 5, part: .train)

  private func train(
    _ loss: any Loss, _ kinds: [any Augmentation], units: Int, ranks: Int = 1, lanes: Int = 1
  ) throws -> [[Float]] {
    let network = Network(input: [2]) {
      Dense(units: 17)
      ReLU()
      Dense(units: units)
    }
    return try LocalWorld.run(ranks: ranks) { world in
      var options = Trainer.Options(
        batch: 56, seed: 3, loss: loss, optimizer: .sgd(momentum: 0.9), schedule: Schedule(rate: 0.1, steps: 9),
        lanes: lanes)
      options.augmenter = try Augmenter(
        kinds.map { PlacedAugmentation($0) }, training: TrainingSamples(Self.data), seed: 3, mixing: nil)
      let trainer = try Trainer(
        plan: try network.plan(microBatch: 8), dataset: Self.data, options: options, world: world)
      var losses: [Float] = []
      for _ in 0..<9 { losses.append(Float(try trainer.runStep().loss)) }
      return trainer.parameters.array + losses
    }
  }

  /// Steps over two epochs, targets classes or numbers: the same bits on any number of ranks and lanes.
  @Test(arguments: [1, 2, 3, 5, 9])
  func sameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let kinds: [any Augmentation] = [try Noise(yaml: "deviation: 0.2"), try Swap(), try Mixup(yaml: "alpha: 1")]
    let losses: [(any Loss, Int)] = [(CrossEntropyLoss(), 2), (BinaryCrossEntropyLoss(), 1)]
    for (loss, units) in losses {
      let expected = try train(loss, kinds, units: units)[0]
      for lanes in [1, 2] {
        let found = try train(loss, kinds, units: units, ranks: ranks, lanes: lanes)
        let isEqual = found.allSatisfy { $0 == expected }
        #expect(isEqual, "\(loss.kind), \(lanes) lanes")
      }
      if ranks == 1 {
        // Each of them counts.
        for left in 0..<3 {
          var others = kinds
          others.remove(at: left)
          let without = try train(loss, others, units: units)[0]
          #expect(without != expected, "\(loss.kind) without \(kinds[left].kind)")
        }
      }
    }
  }
}
