import Diagnostics
import Kernels
import Layers
import Losses
import Tensors
import Testing

/// Sequences of tokens that end before the last position: what is behind the end counts for nothing.
@Suite struct SequenceLengthTests {
  /// Five samples of T = 6: whole, with padding's token inside, of three, of one, and of none.
  static let tokens: [Float] = [
    3, 1, 4, 1, 5, 2,
    3, 0, 4, 0, 5, 0,
    2, 5, 1, 0, 0, 0,
    4, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0,
  ]
  static let lengths = [6, 5, 3, 1, 0]

  static func network(_ layers: any Layer...) -> Network {
    Network(input: [6], layers: [Embedding(vocabulary: 7, width: 4, padding: 0)] + layers)
  }

  struct Pass {
    let plan: Plan
    let outputs: [Float]
    let lengths: [Int]
  }

  static func pass(
    _ network: Network, tokens: [Float] = tokens, precision: NumberFormat = .float32
  ) throws -> Pass {
    let samples = tokens.count / network.input.count
    let plan = try network.plan(microBatch: samples, precision: precision)
    let parameters = FlatBuffer(count: plan.layout.count)
    for (number, slot) in plan.layout.slots.enumerated() {
      parameters.view[slot.range].assign(uniform(slot.range.count, 0.9, stream: UInt64(number)))
    }
    var lane = plan.makeLane(parameters: parameters.view, seed: 3)
    let input = buffer(tokens)
    lane.setInput(input.view)
    lane.setMode(.evaluation)
    plan.forward(lane)
    let lengths = lane.lengths.first.map { lengths in (0..<samples).map { lengths[$0] } } ?? []
    return Pass(plan: plan, outputs: lane.output.array, lengths: lengths)
  }

  @Test func lengthsAreReadFromTokens() throws {
    let pass = try Self.pass(Self.network(Dense(units: 3)))
    #expect(pass.plan.outputSequence == 0 && pass.lengths == Self.lengths)
  }

  @Test func rowsBehindTheEndAreZero() throws {
    let pass = try Self.pass(Self.network())
    for (sample, length) in Self.lengths.enumerated() {
      for position in 0..<6 {
        let row = pass.outputs[(sample * 6 + position) * 4..<(sample * 6 + position + 1) * 4]
        #expect(row.allSatisfy { $0 == 0 } == (position >= length), "\(sample), \(position)")
      }
    }
    #expect(pass.plan.outputShape == [6, 4])
  }

  static let rows: [(String, any Layer)] = [
    ("mean", MeanPositions()), ("max", MaxPositions()), ("last", SelectPosition(-1)),
    ("last but one", SelectPosition(-2)),
    ("first", SelectPosition(0)), ("third", SelectPosition(2)),
    ("the last state", GRU(units: 4, returning: .last)),
    ("the last states", LSTM(units: 2, layers: 2, bidirectional: true, returning: .last)),
  ]

  static let mixing: [any Layer] = [
    MultiHeadAttention(heads: 2, causal: false), MultiHeadAttention(heads: 4, causal: true, keyHeads: 2, window: 2),
    MultiHeadAttention(heads: 2, causal: true, positions: .rotary(base: 10)),
    MultiHeadAttention(heads: 2, causal: false, positions: .alibi),
    LSTM(units: 4), GRU(units: 4, layers: 2), LSTM(units: 2, layers: 2, bidirectional: true),
    GRU(units: 2, bidirectional: true),
  ]

  /// The same of layers that mix positions before a mean; attention's rows behind the end are those of a query that sees nothing.
  @Test(arguments: mixing.indices, NumberFormat.allCases)
  func layersThatMixSeeRealPositions(place: Int, precision: NumberFormat) throws {
    let layers: [any Layer] = [Self.mixing[place], Tanh(), MeanPositions()]
    let network = Network(input: [6], layers: [Embedding(vocabulary: 7, width: 4, padding: 0)] + layers)
    let output = try Self.pass(network, precision: precision).outputs
    for (sample, length) in Self.lengths.enumerated() where length > 0 {
      let short = Network(input: [length], layers: [Embedding(vocabulary: 7, width: 4)] + layers)
      let tokens = Array(Self.tokens[sample * 6..<sample * 6 + length])
      let alone = try Self.pass(short, tokens: tokens, precision: precision).outputs
      #expect(Array(output[sample * 4..<sample * 4 + 4]) == alone, "\(length) positions")
    }
    #expect(output.suffix(4).allSatisfy { $0 == 0 })
  }

  /// A sample that ends early gives, bit for bit, what it gives where there are no more positions; one of padding alone gives zeros.
  @Test(arguments: rows.indices)
  func realPositionsAloneCount(place: Int) throws {
    let (name, layer) = Self.rows[place]
    let output = try Self.pass(Self.network(LayerNorm(), Dense(units: 4), Tanh(), layer)).outputs
    for (sample, length) in Self.lengths.enumerated() {
      let found = Array(output[sample * 4..<sample * 4 + 4])
      let isThere = length > (name == "last but one" ? 1 : name == "third" ? 2 : 0)
      guard isThere else {
        #expect(found == [0, 0, 0, 0], "\(name) of \(length)")
        continue
      }
      let short = Network(
        input: [length],
        layers: [Embedding(vocabulary: 7, width: 4), LayerNorm(), Dense(units: 4), Tanh(), layer])
      let alone = try Self.pass(short, tokens: Array(Self.tokens[sample * 6..<sample * 6 + length]))
      #expect(found == alone.outputs, "\(name) of \(length)")
    }
  }

  static let networks: [(String, Network)] = [
    ("mean", network(Dense(units: 4), Tanh(), MeanPositions(), Dense(units: 3))),
    ("max", network(Positions(), Dense(units: 5), MaxPositions(), Dense(units: 3))),
    ("last", network(Positions(), SelectPosition(-1), Dense(units: 3))),
    ("third", network(LayerNorm(epsilon: 0.1), SelectPosition(2), Dense(units: 3))),
    ("flattened", network(Dense(units: 3), Flatten(), Dense(units: 3))),
    (
      "branches",
      network(
        Parallel(branches: [[MeanPositions()], [SelectPosition(-1)], [MaxPositions()]]), Dense(units: 3))
    ),
    (
      "residual", network(Residual(body: [LayerNorm(epsilon: 0.1), Dense(units: 4)]), MeanPositions(), Dense(units: 3))
    ),
    ("attention", network(MultiHeadAttention(heads: 2, causal: false), MeanPositions(), Dense(units: 3))),
    (
      "causal attention, flattened",
      network(
        MultiHeadAttention(heads: 2, causal: true, keyHeads: 1, positions: .rotary(base: 10), dropout: 0.3), Flatten(),
        Dense(units: 3))
    ),
    (
      "memory",
      Network(
        input: [6],
        layers: [
          EncoderDecoder(
            encoder: [Select(2..<6), Embedding(vocabulary: 7, width: 3, padding: 0)],
            decoder: [
              Select(0..<2), Embedding(vocabulary: 7, width: 4, padding: 0), CrossAttention(heads: 2),
              CrossAttention(heads: 1),
            ]), MeanPositions(), Dense(units: 3),
        ])
    ),
    (
      "two tables",
      Network(
        input: [6],
        layers: [
          Parallel(
            join: .add,
            branches: [
              [Embedding(vocabulary: 7, width: 4, padding: 0)], [Embedding(vocabulary: 7, width: 4, padding: 0)],
            ]),
          MeanPositions(), Dense(units: 3),
        ])
    ),
    (
      "tied",
      Network(
        input: [6],
        layers: [
          Embedding(vocabulary: 7, width: 4, padding: 0), Dense(units: 4), Tanh(), MeanPositions(),
          Dense(units: 7, tied: "0"),
        ])
    ),
    ("lstm", network(LSTM(units: 3), MeanPositions(), Dense(units: 3))),
    ("gru there and back", network(GRU(units: 3, bidirectional: true, returning: .last), Dense(units: 3))),
    (
      "lstm upon gru, flattened",
      network(
        GRU(units: 2, bidirectional: true), LSTM(units: 3, layers: 2, bidirectional: true, dropout: 0.3), Flatten(),
        Dense(units: 3))
    ),
    (
      "bags",
      Network(
        input: [6],
        layers: [
          Parallel(
            branches: [
              [EmbeddingBag(vocabulary: 7, width: 2, padding: 0)], [EmbeddingBag(vocabulary: 7, width: 3, mode: .sum)],
              [EmbeddingBag(vocabulary: 7, width: 3, mode: .max, padding: 5)],
              [EmbeddingBag(vocabulary: 70, width: 2, mode: .sum, padding: 0)],
            ]), Dense(units: 3),
        ])
    ),
    (
      "few tokens of many",
      Network(
        input: [6], layers: [Embedding(vocabulary: 70, width: 4, padding: 0), MeanPositions(), Dense(units: 3)])
    ),
  ]

  @Test(arguments: networks.indices, [nil, 3])
  func backwardIsTheDerivativeOfTheLoss(number: Int, valid: Int?) throws {
    let (name, network) = Self.networks[number]
    let check = try GradientCheck(network, loss: .crossEntropy, valid: valid, input: Self.tokens)
    let mistakes = check.mistakes()
    #expect(mistakes.isEmpty, "\(name)")
    let (loss, leaf) = check.pass()
    #expect(loss.isFinite && leaf.view.array.allSatisfy(\.isFinite))
  }

  /// A layer that reads all positions ends it.
  @Test func sequencesEndWithTheirPositions() throws {
    for layers in [[Flatten(), Reshape([6, 4])], [MeanPositions()]] as [[any Layer]] {
      let sequence = try Network(
        input: [6], layers: [Embedding(vocabulary: 7, width: 4, padding: 0)] + layers
      ).plan(microBatch: 2).outputSequence
      #expect(sequence == nil)
    }
  }

  @Test func branchesEndAlike() throws {
    let network = Network(
      input: [6],
      layers: [
        Parallel(
          join: .add,
          branches: [
            [Embedding(vocabulary: 7, width: 4, padding: 0)], [Embedding(vocabulary: 7, width: 4, padding: 3)],
          ])
      ])
    let failure = #expect(throws: Failure.self) { _ = try network.plan(microBatch: 2) }
    #expect(
      failure?.description
        == "model.0 (parallel): expected branches whose sequences end alike, found those of several tokens, padded with "
        + "0 and 3; make one row of each before they are joined, or let one embedding alone have padding")
  }

  /// Rows that come one at a time are no padding.
  @Test func generatedRowsAreReal() throws {
    let network = Self.network(Dense(units: 7))
    let plan = try network.plan(microBatch: 1, keepingRows: true)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 1)
    var lane = plan.makeLane(parameters: parameters.view, seed: 0)
    let input = buffer([1, 2, 0, 0, 0, 0])
    lane.setInput(input.view)
    lane.setMode(.evaluation)
    plan.forward(lane, rows: 0..<3)
    let lengths = lane.lengths[0]
    #expect(lengths[0] == 6)
  }
}
