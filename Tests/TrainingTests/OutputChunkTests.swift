import Communication
import Datasets
import Layers
import Losses
import Optimizers
import Reduction
import Tensors
import Testing

@testable import Training

/// Outputs and loss some rows at a time: the bits of all at once.
@Suite struct OutputChunkTests {
  /// Ten positions a micro-batch of 2, 45 outputs each: 450 floats; the last batch of an epoch has an odd sample.
  private static let data = Dataset.noiseText(vocabulary: 45, length: 5, count: 33, seed: 9)

  private static func network(bias: Bool = true) -> Network {
    Network(
      input: [5],
      layers: [Embedding(vocabulary: 45, width: 6), Dense(units: 7), Tanh(), Dense(units: 45, bias: bias)])
  }

  private static let losses: [CrossEntropyLoss] = [
    .init(), .init(labelSmoothing: 0.1), .init(ignored: 3),
    .init(labelSmoothing: 0.2, classWeights: (0..<45).map { Float($0 % 4) / 2 }, ignored: 7),
  ]

  /// Losses, parameters, and what an evaluation says after them.
  private static func run(
    _ network: Network, atATime: Int?, loss: CrossEntropyLoss = .init(), data: Dataset = data, ranks: Int = 1,
    lanes: Int = 1, microBatch: Int = 2, precision: NumberFormat = .float32
  ) throws -> Set<String> {
    let texts = try LocalWorld.run(ranks: ranks, sharesMemory: ranks % 2 == 0) { world in
      let plan = try network.plan(microBatch: microBatch, precision: precision, outputsAtATime: atATime)
      let trainer = try Trainer(
        plan: plan, dataset: data,
        options: .init(
          batch: 14, seed: 3, loss: loss, optimizer: .adamW(),
          schedule: Schedule(rate: 0.01, warmup: 0, shape: .constant, steps: 5), bucketSize: 1, overlap: .always,
          lanes: lanes, cores: lanes > 1 ? lanes + 1 : 1),
        world: world)
      var text = ""
      for _ in 0..<5 { text += "\(try trainer.runStep().loss) " }
      let team = LaneTeam(count: lanes)
      defer { team.close() }
      let evaluator = Evaluator(
        plan: plan, parameters: trainer.parameters, loss: loss, team: team, world: world)
      let found = try evaluator.evaluate(data)
      text += "\(found.loss) \(found.metrics) \(found.ignored) "
      let outputs = evaluator.outputs(data)
      text += Digest(of: UnsafeRawBufferPointer(outputs.view.bytes)).hex
      return text + Digest(of: trainer.parameters, layout: trainer.plan.layout).hex
    }
    return Set(texts)
  }

  /// One row at a time, three, all but one, all.
  @Test(arguments: 0..<4, [true, false])
  func sameBitsOfEveryLoss(number: Int, bias: Bool) throws {
    let (network, loss) = (Self.network(bias: bias), Self.losses[number])
    for precision in NumberFormat.allCases {
      let expected = try Self.run(network, atATime: nil, loss: loss, precision: precision)
      for atATime in [1, 3 * 45, 9 * 45, 450] {
        let plan = try network.plan(microBatch: 2, precision: precision, outputsAtATime: atATime)
        #expect(plan.keepsOutputs == (atATime == 450))
        let found = try Self.run(network, atATime: atATime, loss: loss, precision: precision)
        #expect(found == expected, "\(atATime) at a time in \(precision)")
      }
    }
  }

  @Test(arguments: 1...4, [1, 2, 3])
  func sameBitsOnAnyNumberOfRanksAndLanes(ranks: Int, lanes: Int) throws {
    let expected = try Self.run(Self.network(), atATime: nil)
    #expect(try Self.run(Self.network(), atATime: 4 * 45, ranks: ranks, lanes: lanes) == expected)
  }

  /// The table of an embedding that the last layer is tied to has two writers, whole outputs or not.
  @Test(arguments: 1...4, [1, 2, 3])
  func sameBitsOfTiedLayers(ranks: Int, lanes: Int) throws {
    let layers: [any Layer] = [
      Embedding(vocabulary: 45, width: 6), Dense(units: 9), Tanh(), Dense(units: 6), Dense(units: 45, tied: "0"),
    ]
    let network = Network(input: [5], layers: layers)
    let expected = try Self.run(network, atATime: nil)
    for atATime in [nil, 4 * 45] {
      #expect(try Self.run(network, atATime: atATime, ranks: ranks, lanes: lanes) == expected)
    }
  }

  /// Rows of a table, with weights, zeros among them; no positions, and metrics of classes, which want all outputs.
  @Test func sameBitsOfWeightedRows() throws {
    let plain = Dataset.twoClass(count: 41, seed: 5, part: .train)
    let data = Dataset(
      source: "weighted", shape: plain.shape, features: plain.features, targets: plain.targets,
      weights: .floats((0..<plain.count).map { Float($0 % 4) / 2 }))
    let network = Network(input: [2], layers: [Dense(units: 5), ReLU(), Dense(units: 2)])
    let expected = try Self.run(network, atATime: nil, data: data, microBatch: 7)
    for atATime in [1, 6] {
      #expect(try !network.plan(microBatch: 7, outputsAtATime: atATime).keepsOutputs)
      #expect(try Self.run(network, atATime: atATime, data: data, microBatch: 7) == expected)
    }
  }

  /// Weights of whole texts, over chunks that end amid a text.
  @Test func weightsOfTextsReachOverChunks() throws {
    let classes = (0..<15).map { Int32($0 * 7 % 11) }
    let (weights, outputs) = (FlatBuffer(count: 3), FlatBuffer(count: 15 * 11))
    weights.view.assign([0.5, 0, 3])
    outputs.view.assign((0..<15 * 11).map { Float($0 * 37 % 23) / 5 - 2 })
    let (whole, parts) = (FlatBuffer(count: 15 * 11), FlatBuffer(count: 15 * 11))
    try classes.withUnsafeBufferPointer { classes in
      for valid in 1...3 {
        for weights in [weights.view, nil] {
          let loss = CrossEntropyLoss(labelSmoothing: 0.1)
          let expected = loss.sum(
            outputs.view, .classes(classes), weights: weights, rows: 3, valid: valid, gradient: whole.view)
          for size in [1, 2, 4, 7] {
            var sum = RowSum(loss, .classes(classes), weights: weights, samples: 3, valid: valid)
            parts.view.assign(outputs.view)
            for start in stride(from: 0, to: 15, by: size) {
              let rows = start..<min(start + size, 15)
              let part = parts.view[rows.lowerBound * 11..<rows.upperBound * 11]
              sum.add(part, rows: rows, gradient: part)
            }
            #expect(sum.total.bitPattern == expected.bitPattern)
            try #require(
              parts.view.array.map(\.bitPattern) == whole.view.array.map(\.bitPattern), "\(size) rows, \(valid)")
          }
        }
      }
    }
  }

  /// What is saved: all outputs but a chunk, and their gradient.
  @Test func memoryIsThatOfAChunk() throws {
    let network = Network(
      input: [64], layers: [Embedding(vocabulary: 5000, width: 8), LayerNorm(), Dense(units: 5000)])
    let whole = try network.plan(microBatch: 2)
    let chunked = try network.plan(microBatch: 2, outputsAtATime: 10 * 5000)
    #expect(whole.arenaCount >= 2 * 128 * 5000)
    #expect(chunked.arenaCount < 10 * 5000 + 6 * 128 * 8)
    #expect(chunked.layout == whole.layout && chunked.outputShape == whole.outputShape)
  }

  /// The last layer must be the dense one, and several rows must be there to be cut.
  @Test func otherNetworksKeepTheirOutputs() throws {
    for layers in [[Dense(units: 9), Tanh()], [Dense(units: 9), Residual { Dense(units: 9) }]] as [[any Layer]] {
      #expect(try Network(input: [4], layers: layers).plan(microBatch: 3, outputsAtATime: 1).keepsOutputs)
    }
    let dense = Network(input: [4], layers: [Dense(units: 9)])
    #expect(try dense.plan(microBatch: 1, outputsAtATime: 1).keepsOutputs)
    #expect(try !dense.plan(microBatch: 2, outputsAtATime: 1).keepsOutputs)
  }
}
