import Layers
import Tensors
import Testing

/// Passes that take a text's positions some at a time give what one pass over all gives.
@Suite struct RowwiseTests {
  /// A vocabulary of 11, width 12, T positions.
  static func network(_ T: Int, _ middle: [any Layer]) -> Network {
    Network(input: [T], layers: [Embedding(vocabulary: 11, width: 12), Positions()] + middle + [Dense(units: 11)])
  }

  static let layers: [(String, [any Layer])] = [
    ("nothing", []),
    ("attention", [MultiHeadAttention(heads: 3, causal: true)]),
    (
      "attention without biases, twice",
      [
        MultiHeadAttention(heads: 2, causal: true, bias: false), MultiHeadAttention(heads: 4, causal: true),
      ]
    ),
    ("grouped heads", [MultiHeadAttention(heads: 6, causal: true, keyHeads: 2)]),
    ("rotary", [MultiHeadAttention(heads: 3, causal: true, keyHeads: 1, positions: .rotary(base: 100))]),
    ("slopes", [MultiHeadAttention(heads: 3, causal: true, positions: .alibi)]),
    (
      "window", [MultiHeadAttention(heads: 2, causal: true, positions: .alibi, window: 21), SinusoidalPositions()]
    ),
    ("a window of one, and dropout", [MultiHeadAttention(heads: 2, causal: true, window: 1, dropout: 0.5)]),
    ("layer-norm", [LayerNorm()]),
    ("dense", [Dense(units: 20), Dense(units: 12, bias: false)]),
    ("activations", [ReLU(), LeakyReLU(), GELU(), GELU(approximation: .tanh), SiLU(), Sigmoid(), Tanh()]),
    ("softmax", [Softmax()]),
    ("dropout", [Dropout(rate: 0.5)]),
    ("select", [Select(2..<9)]),
    ("parallel", [Parallel(branches: [[Select(0..<4), Tanh()], [MultiHeadAttention(heads: 2, causal: true)], []])]),
    ("gate", [Parallel(join: .multiply, branches: [[Dense(units: 12)], [Dense(units: 12), Sigmoid()], []])]),
    ("parallel, added", [Parallel(join: .add, branches: [[Dense(units: 12)], [LayerNorm()], []])]),
    (
      "sequential",
      [
        Sequential {
          Dense(units: 6); Tanh()
        }
      ]
    ),
    ("lstm", [LSTM(units: 12)]),
    ("gru of several layers", [GRU(units: 10, layers: 3, dropout: 0.5), LSTM(units: 7, bias: false)]),
    ("blocks", blocks),
  ]

  private static var blocks: [any Layer] {
    var layers: [any Layer] = []
    for _ in 0..<3 {
      layers.append(Residual(body: [LayerNorm(), MultiHeadAttention(heads: 3, causal: true)]))
      layers.append(
        Residual(body: [LayerNorm(), Dense(units: 24), GELU(approximation: .tanh), Dense(units: 12)]))
    }
    return layers + [LayerNorm()]
  }

  static func outputs(_ plan: Plan, _ tokens: [Float], _ parameters: FlatBuffer, parts: [Range<Int>]?) -> [Float] {
    let input = buffer(tokens)
    var lane = plan.makeLane(parameters: parameters.view, seed: 0)
    lane.setInput(input.view)
    lane.setMode(.evaluation)
    if let parts { for rows in parts { plan.forward(lane, rows: rows) } } else { plan.forward(lane) }
    return lane.output.array
  }

  /// 7 positions; 70, more than an attention's block of 64 queries. One at a time, in parts, and all at once.
  ///
  /// Bit for bit, as products are chains whatever their extents.
  @Test(arguments: [7, 70], NumberFormat.allCases)
  func partsGiveWhatTheWholeGives(T: Int, precision: NumberFormat) throws {
    let tokens = (0..<T).map { Float(($0 * 7 + 3) % 11) }
    let parts = [
      (0..<T).map { $0..<$0 + 1 }, [0..<T], [0..<3, 3..<4, 4..<T], [0..<T - 2, T - 2..<T - 1, T - 1..<T],
    ]
    for (name, layers) in Self.layers {
      let network = Self.network(T, layers)
      let (whole, rowwise) = (
        try network.plan(microBatch: 1, precision: precision),
        try network.plan(microBatch: 1, precision: precision, keepingRows: true)
      )
      #expect(rowwise.isRowwise && !whole.isRowwise, "\(name)")
      let parameters = FlatBuffer(count: whole.layout.count)
      whole.initialise(parameters.view, seed: 3)
      let expected = Self.outputs(whole, tokens, parameters, parts: nil)
      for parts in parts {
        let found = Self.outputs(rowwise, tokens, parameters, parts: parts)
        #expect(found == expected, "\(name), parts \(parts.count)")
      }
      // Shares of a softmax that are nearly alike are rounded to one factor.
      #expect(Set(expected).count > (precision == .float32 ? T : 10), "\(name): outputs that differ")
    }
  }

  /// What comes later changes no row before, which is what makes them worth keeping.
  @Test func rowsDoNotSeeWhatIsBehindThem() throws {
    let plan = try Self.network(9, Self.layers.last!.1).plan(microBatch: 1)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 3)
    let (one, other) = ([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 0, 0, 0, 0]) as ([Float], [Float])
    let (first, second) = (
      Self.outputs(plan, one, parameters, parts: nil), Self.outputs(plan, other, parameters, parts: nil)
    )
    #expect(first[..<55] == second[..<55] && first[55...] != second[55...])
  }

  /// What joins positions, or has others than the text's, is computed whole.
  @Test func othersAreComputedWhole() throws {
    let others: [(String, Network)] = [
      ("seeing all", Self.network(8, [MultiHeadAttention(heads: 2, causal: false)])),
      ("reshape", Self.network(8, [Reshape([8, 12])])),
      (
        "memory",
        Self.network(8, [EncoderDecoder(encoder: [Tanh()], decoder: [CrossAttention(heads: 2)])])
      ),
      ("flatten", Self.network(8, [Flatten(), Dense(units: 96), Reshape([8, 12])])),
      ("select-position", Self.network(8, [SelectPosition(-1)])),
      ("mean-positions", Self.network(8, [MeanPositions()])),
      ("batch-norm", Self.network(8, [BatchNorm()])),
      ("there and back", Self.network(8, [LSTM(units: 6, bidirectional: true)])),
      ("the last state", Self.network(8, [GRU(units: 6, returning: .last)])),
      ("dense on the tokens", Network(input: [8], layers: [Dense(units: 8)])),
      ("select of tokens", Network(input: [8], layers: [Select(0..<8), Embedding(vocabulary: 11, width: 4)])),
    ]
    for (name, network) in others {
      let isRowwise = try network.plan(microBatch: 1, keepingRows: true).isRowwise
      #expect(!isRowwise, "\(name)")
    }
    let isRowwise = try Self.network(8, []).plan(microBatch: 2, keepingRows: true).isRowwise
    #expect(!isRowwise, "two samples")
  }
}
