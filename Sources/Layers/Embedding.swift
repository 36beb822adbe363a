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
  package let vocabulary: Int
  package let width: Int
  package let initialiser: Initialiser

  /// A row of `width` numbers for each token in `0..<vocabulary`.
  public init(vocabulary: Int, width: Int, initialiser: Initialiser = .normal(mean: 0, deviation: 0.01)) {
    precondition(
      (1...Self.largestVocabulary).contains(vocabulary) && width > 0, "\(vocabulary) tokens of width \(width)")
    self.vocabulary = vocabulary
    self.width = width
    self.initialiser = initialiser
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 1, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 1, a token a position", found: input)
    }
    return [input.count, width]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    [Parameter("weight", [vocabulary, width], initialiser, fanIn: vocabulary, fanOut: width)]
  }

  public var tokenVocabulary: Int? { vocabulary }
  public var backwardReads: BackwardReads { .input }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public func bind(_ binding: Binding) -> any BoundLayer {
    let isBegun = !binding.begunSlots.isEmpty
    return BoundEmbedding(
      x: binding.input, y: binding.output, weight: binding.slots[0], width: width, isBegun: isBegun,
      isSparse: !isBegun && TouchedRows.pay(vocabulary, for: binding.microBatch * binding.inputShape.count),
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundEmbedding: RowwiseLayer {
  let x: Int, y: Int, weight: Int, width: Int
  /// Whether a tied layer has begun the gradient.
  let isBegun: Bool
  let isSparse: Bool
  let wantsInputGradient: Bool

  var sparseSlots: [(slot: Int, width: Int)] { isSparse ? [(weight, width)] : [] }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.embed(rows.of(lane.values[x]), table: lane.parameters[weight], width: width, into: rows.of(lane.values[y]))
  }

  func backward(_ lane: borrowing Lane) {
    let (dy, tokens) = (lane.gradients[y], lane.values[x])
    if isBegun {
      Kernels.embedBackward(dy, tokens: tokens, width: width, addingInto: lane.parameterGradients[weight])
    } else {
      lane.embedBackward(dy, tokens: tokens, width: width, slot: weight)
    }
    if wantsInputGradient { lane.gradients[x].clear() }
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
    self.init(
      vocabulary: try settings.int("vocabulary", in: 1...Embedding.largestVocabulary),
      width: try settings.int("width", in: 1...(1 << 24)), initialiser: try settings.initialiser(default: "normal"))
  }
}
