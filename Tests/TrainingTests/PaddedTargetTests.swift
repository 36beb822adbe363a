import Communication
import Datasets
import Layers
import Losses
import Metrics
import Optimizers
import Tensors
import Testing

@testable import Training

/// Losses of each position where sequences end before the last one: what is behind the end has no loss, no gradient, no weight.
@Suite struct PaddedTargetTests {
  private static let T = 7
  private static let names = (0..<5).map(String.init)
  /// 41 windows that end with 0 to 7 zeros.
  private static let tokens: [Int32] = (0..<41).flatMap { (sample: Int) -> [Int32] in
    let length = sample * 3 % (T + 1)
    return (0..<T).map { $0 < length ? Int32((sample + $0 * $0) % 4 + 1) : 0 }
  }
  private static let data = Dataset(
    source: "windows", shape: [T],
    features: .windows(TokenWindows(tokens: tokens + [0], length: T, stride: T)), targets: .following(names: names))

  private static func network(padding: Int?) -> Network {
    Network(input: [T]) {
      Embedding(vocabulary: 5, width: 6, padding: padding)
      Dense(units: 8)
      Tanh()
      Dense(units: 5)
    }
  }

  struct Result: Equatable {
    var losses: [Double] = []
    var weights: [Double] = []
    var parameters: [Float] = []
    var evaluated: [Double] = []
    var samples = 0
    var ignored = 0
  }

  private static func train(
    _ network: Network, loss: any Loss = .crossEntropy, ranks: Int = 1, lanes: Int = 1, lanesPerLeaf: Int? = nil,
    outputsAtATime: Int? = nil, precision: NumberFormat = .float32
  ) throws -> [Result] {
    try LocalWorld.run(ranks: ranks, sharesMemory: ranks > 1) { world in
      let trainer = try Trainer(
        plan: try network.plan(microBatch: 4, precision: precision, outputsAtATime: outputsAtATime), dataset: data,
        options: .init(
          batch: 20, seed: 3, loss: loss, optimizer: .sgd(momentum: 0.9), schedule: Schedule(rate: 0.1, steps: 5),
          lanes: lanes, lanesPerLeaf: lanesPerLeaf),
        world: world)
      var result = Result()
      for _ in 0..<5 {
        let report = try trainer.runStep()
        result.losses.append(report.loss)
        result.weights.append(report.weight)
      }
      result.parameters = trainer.parameters.array
      let evaluator = Evaluator(
        plan: trainer.plan, parameters: trainer.parameters, loss: loss, team: trainer.team, world: world)
      let evaluation = try evaluator.evaluate(data)
      result.evaluated = evaluation.metrics.map(\.value)
      (result.samples, result.ignored) = (evaluation.samples, evaluation.ignored)
      return result
    }
  }

  /// The mean is over real positions, in training and evaluation, and accuracy and perplexity are of these.
  @Test func meansAreOverRealPositions() throws {
    let real = (0..<41).map { $0 * 3 % (Self.T + 1) }.reduce(0, +)
    let result = try Self.train(Self.network(padding: 0))[0]
    #expect(result.samples == 41 && result.ignored == 41 * Self.T - real)
    #expect(result.weights.allSatisfy { $0 > 0 && $0 < 20 * Double(Self.T) })
    #expect(result.weights != result.weights.map { _ in result.weights[0] }, "batches of several lengths")
  }

  /// What the targets behind the end are changes nothing: neither a bit of the parameters nor of the scores.
  @Test func targetsBehindTheEndAreNotRead() throws {
    let plan = try Self.network(padding: 0).plan(microBatch: 2)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 4)
    let loss = plan.lossOfRealTargets(.crossEntropy(labelSmoothing: 0.1))
    let tokens: [Float] = [1, 2, 3, 0, 0, 0, 0, 4, 4, 1, 2, 0, 1, 0]
    func pass(_ classes: [Int32]) -> (loss: Double, weight: Double, leaf: [Float]) {
      var lane = plan.makeLane(parameters: parameters.view, seed: 0)
      let (leaf, input) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: tokens.count))
      input.view.assign(tokens)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      lane.setMode(.training(step: 0, firstPosition: 0))
      plan.forward(lane)
      return classes.withUnsafeBufferPointer { classes in
        let targets = plan.real(.classes(classes), lane, ignored: loss.ignored)
        let sum = loss.sum(lane.output, targets, rows: 2, valid: 2, gradient: lane.outputGradient)
        plan.backward(lane)
        return (sum, loss.weight(of: targets, rows: 2, valid: 2), leaf.view.array)
      }
    }
    let one = pass([2, 3, 1, 0, 0, 0, 0, 4, 1, 2, 0, 1, 0, 0])
    let other = pass([2, 3, 1, 4, 3, 2, 1, 4, 1, 2, 0, 1, 0, 3])
    #expect(one.loss == other.loss && one.leaf == other.leaf)
    #expect(one.weight == 9 && other.weight == 9)
    // The sixth position of the second sample is its last real one.
    let seen = pass([2, 3, 1, 0, 0, 0, 0, 4, 1, 2, 0, 1, 3, 0])
    #expect(seen.loss != one.loss && seen.weight == 9)
  }

  /// Padding that cannot be told from the targets: where every real position's target is given up as well, it is the loss's own
  /// way to leave targets out, with the same bits.
  @Test func itIsAsIgnoredTargets() throws {
    // Behind a sequence's end the token that follows is padding, but for the last position of a window.
    let lengths = (0..<41).map { $0 * 3 % (Self.T + 1) }
    let ignoring = try Self.train(Self.network(padding: nil), loss: .crossEntropy(ignored: 0))[0]
    let both = try Self.train(Self.network(padding: 0), loss: .crossEntropy(ignored: 0))[0]
    // Real tokens are not 0, and so no target is ignored but those that follow the last real token or padding; window s + 1 begins
    // with a token that only position T - 1 of window s has for its target.
    let differing = lengths.indices.dropLast().count { lengths[$0] < Self.T && lengths[$0 + 1] > 0 }
    #expect(both.ignored == ignoring.ignored + differing)
  }

  @Test(arguments: [2, 3])
  func sameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let expected = try Self.train(Self.network(padding: 0))[0]
    let found = try Self.train(Self.network(padding: 0), ranks: ranks, lanes: 2)
    let isEqual = found.allSatisfy { $0 == expected }
    #expect(isEqual)
    let chunked = try Self.train(Self.network(padding: 0), outputsAtATime: 40)[0]
    #expect(chunked == expected, "outputs some rows at a time")
  }

  /// Attention with all that it may have, a memory of it, and what is dropped.
  @Test(arguments: NumberFormat.allCases)
  func attentionHasTheSameBitsOnAnyNumberOfRanks(precision: NumberFormat) throws {
    let network = Network(input: [Self.T]) {
      Embedding(vocabulary: 5, width: 8, padding: 0)
      EncoderDecoder {
        MultiHeadAttention(
          heads: 4, causal: true, keyHeads: 2, positions: .rotary(base: 50), window: 3, dropout: 0.2)
      } decoder: {
        SinusoidalPositions()
        Residual(body: [LayerNorm(), MultiHeadAttention(heads: 2, causal: false, positions: .alibi, dropout: 0.3)])
        CrossAttention(heads: 4, keyHeads: 1, dropout: 0.1)
      }
      Dense(units: 5)
    }
    let expected = try Self.train(network, precision: precision)[0]
    for ranks in [2, 3] {
      let found = try Self.train(network, ranks: ranks, lanes: 2, precision: precision)
      let isEqual = found.allSatisfy { $0 == expected }
      #expect(isEqual, "\(ranks) ranks")
    }
    let shared = try Self.train(network, lanes: 2, lanesPerLeaf: 2, precision: precision)[0]
    #expect(shared == expected, "lanes that share a leaf")
    #expect(expected.losses.allSatisfy { $0.isFinite && $0 > 0 })
  }

  /// Numbers at each position cannot be left out.
  @Test func otherLossesAreRefused() throws {
    let plan = try Self.network(padding: 0).plan(microBatch: 4)
    #expect(throws: (any Error).self) { try plan.checkRealTargets(.meanSquaredError) }
    try plan.checkRealTargets(.crossEntropy)
    try Self.network(padding: nil).plan(microBatch: 4).checkRealTargets(.meanSquaredError)
  }
}
