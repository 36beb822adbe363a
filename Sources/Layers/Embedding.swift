import Configuration
import Kernels
import Tensors

// B micro-batch, T positions, V vocabulary, D width. The table is V×D, as in PyTorch's Embedding.

/// A learned row for each token: T tokens become T×D.
///
/// Tokens travel as floats, whole numbers in 0..<V, exact up to 2²⁴. They have no gradient. In training backward writes the
/// rows of the tokens that a micro-batch has, where these are at most half of the table; the sum over a batch, and the
/// optimizer, have all of it.
public struct Embedding: Layer {
  public static let kind = "embedding"
  public static let summary = "a learned row for each token"
  /// Whole numbers that a float holds exactly.
  package static let largestVocabulary = 1 << 24
  /// V; 0 until data tell it: see `reading`.
  package let vocabulary: Int
  package let width: Int
  package let initialiser: Initialiser
  public let paddingToken: Int?

  /// A row of `width` numbers for each token in `0..<vocabulary`.
  ///
  /// Where `padding` is one of them, a sequence ends behind its last token that is another. What is behind the end is 0, has no
  /// gradient, and is left out by layers that mix positions and by losses: see `SequenceLengths`.
  public init(
    vocabulary: Int, width: Int, padding: Int? = nil, initialiser: Initialiser = .normal(mean: 0, deviation: 0.01)
  ) {
    precondition(
      (0...Self.largestVocabulary).contains(vocabulary) && width > 0, "\(vocabulary) tokens of width \(width)")
    precondition(
      padding.map { $0 >= 0 && (vocabulary == 0 || $0 < vocabulary) } ?? true,
      "padding is one of \(vocabulary) tokens, found \(padding!)")
    self.vocabulary = vocabulary
    self.width = width
    self.initialiser = initialiser
    paddingToken = padding
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 1, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 1, a token a position", found: input)
    }
    guard vocabulary > 0 else {
      throw ShapeError(
        Self.kind, expected: "a vocabulary, as the data do not tell how many tokens there are", found: input)
    }
    return [input.count, width]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    [Parameter("weight", [vocabulary, width], initialiser, fanIn: vocabulary, fanOut: width)]
  }

  public var tokenVocabulary: Int? { vocabulary }
  public func reading(_ tokens: TokenAlphabet) -> any Layer {
    guard vocabulary == 0 else { return self }
    let padding = paddingToken ?? tokens.padding
    return Embedding(
      vocabulary: max(tokens.count, (padding ?? 0) + 1), width: width, padding: padding, initialiser: initialiser)
  }
  public var backwardReads: BackwardReads { .input }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public func bind(_ binding: Binding) -> any BoundLayer { bound(binding) }

  /// With rows of whole numbers, which are those of the layer's number, or of floats.
  private func bound(_ binding: Binding, integers: Int? = nil) -> any BoundLayer {
    let isBegun = !binding.begunSlots.isEmpty
    return BoundEmbedding(
      x: binding.input, y: binding.output, weight: binding.slots[0], width: width, isBegun: isBegun,
      isSparse: !isBegun && TouchedRows.pay(vocabulary, for: binding.microBatch * binding.inputShape.count),
      padding: paddingToken, lengths: binding.lengths, samples: binding.microBatch,
      integers: integers,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

extension Embedding: IntegerTableLayer {
  package func bindToIntegers(_ binding: Binding) -> any BoundLayer {
    bound(binding, integers: binding.index)
  }
}

private struct BoundEmbedding: RowwiseLayer {
  let x: Int, y: Int, weight: Int, width: Int
  /// Whether a tied layer has begun the gradient.
  let isBegun: Bool
  let isSparse: Bool
  /// The token that ends sequences, and where their lengths are kept; nil: all positions are real.
  let padding: Int?
  let lengths: Int?
  let samples: Int
  let integers: Int?
  let wantsInputGradient: Bool

  var sparseSlots: [(slot: Int, width: Int)] { isSparse ? [(weight, width)] : [] }
  var leavesFrozenSlots: Bool { true }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let (tokens, y) = (rows.of(lane.values[x]), rows.of(lane.values[y]))
    guard let padding, let lengths, rows.areAll else {
      // Rows that come some at a time are no padding.
      if let lengths { lane.lengths[lengths].fill() }
      return embed(lane, tokens, into: y)
    }
    lane.lengths[lengths].read(tokens, padding: padding)
    forEachSample(lane) { real, sample in
      if !real.isEmpty {
        embed(lane, tokens[real], into: y[real.lowerBound * width..<real.upperBound * width])
      }
      y[real.upperBound * width..<sample.upperBound * width].clear()
    }
  }

  private func embed(_ lane: borrowing Lane, _ tokens: FloatView, into y: FloatView) {
    if let integers { return lane.integerTable(integers).embed(tokens, into: y) }
    Kernels.embed(tokens, table: lane.parameters[weight], width: width, into: y)
  }

  func backward(_ lane: borrowing Lane) {
    // A frozen table's gradient is nobody's.
    if lane.learns(weight) { gatherGradient(lane) }
    if wantsInputGradient { lane.gradients[x].clear() }
  }

  /// Overwrites, or adds to, the gradient of the table.
  private func gatherGradient(_ lane: borrowing Lane) {
    let (dy, tokens, dtable) = (lane.gradients[y], lane.values[x], lane.parameterGradients[weight])
    if lengths == nil {
      if isBegun {
        Kernels.embedBackward(dy, tokens: tokens, width: width, addingInto: dtable)
      } else {
        lane.embedBackward(dy, tokens: tokens, width: width, slot: weight)
      }
    } else {
      let touched = isBegun ? nil : lane.touched(weight)
      if !isBegun, touched == nil { dtable.clear() }
      forEachSample(lane) { real, _ in
        let (dy, tokens) = (dy[real.lowerBound * width..<real.upperBound * width], tokens[real])
        if let touched {
          touched.embedBackward(dy, tokens: tokens, addingInto: dtable)
        } else {
          Kernels.embedBackward(dy, tokens: tokens, width: width, addingInto: dtable)
        }
      }
    }
  }

  /// Calls `body` with the places of each sample's real tokens, and of all.
  private func forEachSample(_ lane: borrowing Lane, _ body: (_ real: Range<Int>, _ sample: Range<Int>) -> Void) {
    let lengths = lane.lengths[lengths!]
    for sample in 0..<samples {
      let first = sample * lengths.positions
      body(first..<first + lengths[sample], first..<first + lengths.positions)
    }
  }
}

extension TouchedRows {
  /// Whether to keep them: where all rows occur it is quicker to write the whole table.
  static func pay(_ rows: Int, for tokens: Int) -> Bool { rows >= 2 * tokens }
}

extension Lane {
  /// Overwrites the gradient of a table with the sums of the rows of `dy` that have the same token: all of it, or what occurs.
  borrowing func embedBackward(_ dy: FloatView, tokens: FloatView, width: Int, slot: Int) {
    if let rows = touched(slot) {
      rows.embedBackward(dy, tokens: tokens, into: parameterGradients[slot])
    } else {
      Kernels.embedBackward(dy, tokens: tokens, width: width, into: parameterGradients[slot])
    }
  }
}

extension Embedding: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    let vocabulary = try settings.optionalInt("vocabulary", in: 1...Embedding.largestVocabulary)
    settings.note("vocabulary", "; none: as many tokens as the data have")
    self.init(
      vocabulary: vocabulary ?? 0, width: try settings.int("width", in: 1...(1 << 24)),
      padding: try settings.later("padding") {
        try settings.optionalInt($0, in: 0...((vocabulary ?? Embedding.largestVocabulary) - 1))
      },
      initialiser: try settings.initialiser(default: "normal"))
  }
}
