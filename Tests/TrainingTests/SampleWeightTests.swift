import Datasets
import Losses
import Tensors
import Testing

@testable import Training

/// Samples that weigh differently: the batch's mean, over ranks and lanes, in training and evaluation.
@Suite struct SampleWeightTests {
  private static func weighted(_ weight: (Int) -> Float) -> Dataset {
    let data = WeightedLossTests.data
    return Dataset(
      source: "weighted", shape: data.shape, features: data.features, targets: data.targets,
      weights: .floats((0..<data.count).map(weight)))
  }

  private static func uneven(_ sample: Int) -> Float { Float(sample * 37 % 11) / 4 }

  @Test(arguments: [1, 2, 3, 5, 8])
  func sameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let (data, loss) = (Self.weighted(Self.uneven), CrossEntropyLoss(labelSmoothing: 0.1, classWeights: [0.3, 1.7]))
    let expected = try WeightedLossTests.train(loss, data: data)[0]
    for (lanes, sharesMemory) in [(1, true), (2, false)] {
      let found = try WeightedLossTests.train(loss, data: data, ranks: ranks, lanes: lanes, sharesMemory: sharesMemory)
      let isEqual = found.allSatisfy { $0 == expected }
      #expect(isEqual, "\(lanes) lanes, shared memory: \(sharesMemory)")
    }
    let plain = try WeightedLossTests.train(loss)[0]
    #expect(plain.parameters != expected.parameters && plain.weights != expected.weights)
  }

  /// Weights of one change no bit, nor do equal powers of two; those of a class are that class's weights.
  @Test func asWithoutAndAsClassWeights() throws {
    var classes: [Int32] = []
    if case .classes(let all, _) = WeightedLossTests.data.targets { classes = all }
    let losses: [any Loss] = [.crossEntropy, .crossEntropy(labelSmoothing: 0.2)]
    for loss in losses {
      let plain = try WeightedLossTests.train(loss)[0]
      #expect(try WeightedLossTests.train(loss, data: Self.weighted { _ in 1 })[0] == plain)
      let halves = try WeightedLossTests.train(loss, data: Self.weighted { _ in 0.5 })[0]
      #expect(halves.losses == plain.losses && halves.parameters == plain.parameters)
      #expect(halves.evaluated == plain.evaluated && halves.weights == plain.weights.map { $0 / 2 })
    }
    let byClass = try WeightedLossTests.train(.crossEntropy(classWeights: [0.25, 2]))[0]
    let bySample = try WeightedLossTests.train(
      .crossEntropy, data: Self.weighted { classes[$0] == 0 ? 0.25 : 2 })[0]
    #expect(byClass == bySample)
  }

  /// Σ w · loss and its gradient, of each loss, row by row; samples of weight 0 count nowhere, whatever their outputs are.
  @Test func sumsOfLosses() {
    let (rows, valid, columns) = (5, 4, 3)
    let numbers: [Float] = [1, -2, 0.5, 3, 0.25, -1, .infinity, .nan, 0, 2, 2, -4, 9, 9, 9]
    let weights = FlatBuffer(count: rows)
    weights.view.assign([0.5, 3, 0, 1, 7])
    let outputs = FlatBuffer(count: rows * columns), values = FlatBuffer(count: rows * columns)
    outputs.view.assign(numbers)
    values.view.assign((0..<rows * columns).map { Float($0 % 2) })
    let classes: [Int32] = [2, 0, 1, 1, 0]
    let losses: [any Loss] = [
      .crossEntropy, .crossEntropy(classWeights: [1, 2, 3], ignored: 0), .binaryCrossEntropy, .meanSquaredError,
      .meanAbsoluteError, .huber(delta: 0.5),
    ]
    classes.withUnsafeBufferPointer { classes in
      for loss in losses {
        let targets = loss.takesClasses ? Targets.classes(classes) : .values(values.view)
        let gradient = FlatBuffer(count: rows * columns), one = FlatBuffer(count: columns)
        gradient.view.assign([Float](repeating: 5, count: rows * columns))
        let sum = loss.sum(
          outputs.view, targets, weights: weights.view, rows: rows, valid: valid, gradient: gradient.view)
        let weight = loss.weight(of: targets, weights: weights.view, rows: rows, valid: valid)
        var (expected, weighed) = (0.0, 0.0)
        for row in 0..<rows {
          let place = row * columns..<(row + 1) * columns
          let own =
            loss.takesClasses ? Targets.classes(.init(rebasing: classes[row...row])) : .values(values.view[place])
          let w = row < valid ? weights.view[row] : 0
          one.view.clear()
          if w > 0 {
            expected += Double(w) * loss.sum(outputs.view[place], own, rows: 1, valid: 1, gradient: one.view)
            weighed += Double(w) * loss.weight(of: own, rows: 1, valid: 1)
          }
          #expect(gradient.view[place].array == one.view.array.map { w * $0 }, "\(loss.kind), row \(row)")
        }
        #expect(sum == expected && weight == weighed && sum.isFinite, "\(loss.kind)")
      }
    }
  }

  @Test func aBatchWithoutWeightMovesNothing() throws {
    let found = try WeightedLossTests.train(.crossEntropy, data: Self.weighted { _ in 0 }, ranks: 2, clip: 0.1)[0]
    #expect(found.losses.allSatisfy { $0 == 0 } && found.weights == [0, 0, 0, 0, 0] && found.evaluated == 0)
    // Scores count rows, whatever they weigh.
    #expect(found.counted == Int64(WeightedLossTests.data.count))
  }
}
