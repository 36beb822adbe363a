import Communication
import Configuration
import Datasets
import Layers
import Losses
import Metrics
import Optimizers
import Tensors
import Testing

@testable import Training

/// Losses whose targets weigh differently: the batch's mean, over ranks and lanes, in training and evaluation.
@Suite struct WeightedLossTests {
  static let data = Dataset.twoClass(count: 203, seed: 5, part: .train)
  static let network = Network(input: [2]) {
    Dense(units: 37)
    ReLU()
    Dense(units: 2)
  }

  struct Result: Equatable {
    var losses: [Double] = []
    var weights: [Double] = []
    var parameters: [Float] = []
    var evaluated = 0.0
    var counted: Int64 = 0
    var samples = 0
    var ignored = 0
  }

  static func train(
    _ loss: any Loss, data: Dataset = data, ranks: Int = 1, lanes: Int = 1, clip: Double? = nil,
    sharesMemory: Bool = true
  ) throws -> [Result] {
    try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      let trainer = try Trainer(
        plan: try network.plan(microBatch: 8), dataset: data,
        options: .init(
          batch: 56, seed: 3, loss: loss, optimizer: .sgd(momentum: 0.9), schedule: Schedule(rate: 0.1, steps: 5),
          gradientTransforms: clip.map { [ClipByGlobalNorm(limit: $0)] } ?? [], lanes: lanes),
        world: world)
      var result = Result()
      for _ in 0..<5 {
        let report = try trainer.runStep()
        result.losses.append(report.loss)
        result.weights.append(report.weight)
        if clip != nil { result.losses.append(report.gradientNorm!) }
      }
      result.parameters = trainer.parameters.array
      let evaluator = Evaluator(
        plan: trainer.plan, parameters: trainer.parameters, loss: loss, metrics: [Support()], team: trainer.team,
        world: world)
      let evaluation = try evaluator.evaluate(data)
      result.evaluated = evaluation.loss
      (result.samples, result.ignored) = (evaluation.samples, evaluation.ignored)
      result.counted = Int64(evaluation.headline.value)
      return result
    }
  }

  @Test(arguments: 1...9)
  func sameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let loss = CrossEntropyLoss(labelSmoothing: 0.1, classWeights: [0.3, 1.7])
    let expected = try Self.train(loss)[0]
    for (lanes, sharesMemory) in [(1, true), (2, false)] {
      let found = try Self.train(loss, ranks: ranks, lanes: lanes, sharesMemory: sharesMemory)
      let isEqual = found.allSatisfy { $0 == expected }
      #expect(isEqual, "\(lanes) lanes, shared memory: \(sharesMemory)")
    }
  }

  /// Weights that are all alike cancel: 2 is a power of two, so that no bit changes.
  @Test func weightsOfTwoGiveTheMeansOfNone() throws {
    let (ones, twos) = (
      try Self.train(.crossEntropy(classWeights: [1, 1]))[0],
      try Self.train(.crossEntropy(classWeights: [2, 2]))[0]
    )
    #expect(ones.weights == [56, 56, 56, 35, 56] && twos.weights == ones.weights.map { 2 * $0 })
    #expect(ones.losses == twos.losses && ones.parameters == twos.parameters && ones.evaluated == twos.evaluated)
  }

  /// A class of weight 0 and an ignored one are the same to training; the scores leave out the second alone.
  @Test func ignoredTargetsCountNowhere() throws {
    let ignored = try Self.train(.crossEntropy(ignored: 1))[0]
    let weightless = try Self.train(.crossEntropy(classWeights: [1, 0]))[0]
    var zeros = 0
    if case .classes(let classes, _) = Self.data.targets { zeros = classes.count { $0 == 0 } }
    #expect(zeros > 50 && zeros < 150)
    #expect(ignored.weights == weightless.weights && ignored.losses == weightless.losses)
    #expect(ignored.parameters == weightless.parameters)
    #expect(ignored.counted == Int64(zeros) && weightless.counted == Int64(Self.data.count))
    #expect(ignored.samples == zeros && ignored.ignored == Self.data.count - zeros)
    #expect(weightless.samples == Self.data.count && weightless.ignored == 0)
  }

  /// No loss, no gradient, no NaN: the parameters stay as they are, with clipping too.
  @Test func aBatchOfTargetsWithoutWeightMovesNothing() throws {
    let data = Dataset(
      source: "zeros", shape: [2], features: Self.data.features,
      targets: .classes(Array(repeating: 0, count: Self.data.count), names: ["a", "b"]))
    // Smoothing spreads a part of a target over a class that weighs something: a sum that no weight could divide.
    let weightless = CrossEntropyLoss(labelSmoothing: 0.1, classWeights: [0, 1])
    for (clip, loss) in [nil, 0.1].flatMap({ [($0, CrossEntropyLoss(ignored: 0)), ($0, weightless)] }) {
      let found = try Self.train(loss, data: data, ranks: 2, clip: clip)[0]
      #expect(found.losses.allSatisfy { $0 == 0 } && found.weights == [0, 0, 0, 0, 0])
      #expect(found.evaluated == 0 && found.counted == (loss.classWeights == nil ? 0 : Int64(data.count)))
      let initial = FlatBuffer(count: found.parameters.count)
      try Self.network.plan(microBatch: 8).initialise(initial.view, seed: 3)
      let isEqual = initial.view.array == found.parameters
      #expect(isEqual)
    }
  }
}

/// How many targets were counted.
private struct Support: Metric {
  static let kind = "support"
  init() {}
  init(_ settings: ConfigReader) {}
  func tally(of task: LearningTask) -> (any Tally)? { ClassTally(task) }
  func score(of task: LearningTask, _ totals: Totals) -> Double? { Double(ClassCounts(totals.counts).total) }
}
