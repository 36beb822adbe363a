import Configuration
import Kernels
import Tensors

// B micro-batch, T positions, V vocabulary, D width. The table is V×D, as in PyTorch's EmbeddingBag.

/// The mean, sum or maximum of the learned rows of a sample's tokens: T tokens become D numbers, in no order.
///
/// Tokens of `padding` are left out, wherever they stand; what none is left of is 0. Joulin et al.: *Bag of tricks for efficient text
/// classification* (EACL 2017). In training backward writes the rows of the tokens that a micro-batch has, as that of `Embedding`.
public struct EmbeddingBag: Layer {
  public static let kind = "embedding-bag"
  public static let summary = "what the learned rows of all tokens of a sample come to"
  /// V; 0 until data tell it: see `reading`.
  package let vocabulary: Int
  package let width: Int
  package let mode: BagMode
  package let padding: Int?
  package let initialiser: Initialiser

  /// A row of `width` numbers for each token in `0..<vocabulary`, but that `padding` is left out.
  public init(
    vocabulary: Int, width: Int, mode: BagMode = .mean, padding: Int? = nil,
    initialiser: Initialiser = .normal(mean: 0, deviation: 0.01)
  ) {
    precondition(
      (0...Embedding.largestVocabulary).contains(vocabulary) && width > 0, "\(vocabulary) tokens of width \(width)")
    precondition(
      padding.map { $0 >= 0 && (vocabulary == 0 || $0 < vocabulary) } ?? true,
      "padding is one of \(vocabulary) tokens, found \(padding!)")
    (self.vocabulary, self.width, self.mode, self.padding) = (vocabulary, width, mode, padding)
    self.initialiser = initialiser
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 1, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 1, a token a position", found: input)
    }
    guard vocabulary > 0 else {
      throw ShapeError(
        Self.kind, expected: "a vocabulary, as the data do not tell how many tokens there are", found: input)
    }
    return [width]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    [Parameter("weight", [vocabulary, width], initialiser, fanIn: vocabulary, fanOut: width)]
  }

  public var tokenVocabulary: Int? { vocabulary }
  public func reading(_ tokens: TokenAlphabet) -> any Layer {
    guard vocabulary == 0 else { return self }
    let padding = padding ?? tokens.padding
    return EmbeddingBag(
      vocabulary: max(tokens.count, (padding ?? 0) + 1), width: width, mode: mode, padding: padding,
      initialiser: initialiser)
  }
  public var backwardReads: BackwardReads { .input }
  public func bind(_ binding: Binding) -> any BoundLayer {
    let isBegun = !binding.begunSlots.isEmpty
    return BoundEmbeddingBag(
      x: binding.input, y: binding.output, weight: binding.slots[0], index: binding.index,
      kernel: EmbeddingBagKernel(mode, positions: binding.inputShape.count, width: width, padding: padding),
      N: binding.microBatch * binding.inputShape.count, B: binding.microBatch, isBegun: isBegun,
      isSparse: !isBegun && TouchedRows.pay(vocabulary, for: binding.microBatch * binding.inputShape.count),
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundEmbeddingBag: BoundLayer {
  let x: Int, y: Int, weight: Int, index: Int
  let kernel: EmbeddingBagKernel
  /// Tokens, and bags.
  let N: Int, B: Int
  /// Whether a tied layer has begun the gradient.
  let isBegun: Bool
  let isSparse: Bool
  let wantsInputGradient: Bool

  var sparseSlots: [(slot: Int, width: Int)] { isSparse ? [(weight, kernel.width)] : [] }
  var leavesFrozenSlots: Bool { true }

  /// Where the largest were; in backward a row for each token, and those that count.
  var workspace: Workspace {
    Workspace(saved: kernel.mode == .max ? B * kernel.width : 0, backward: N * (kernel.width + 1))
  }

  private func places(_ lane: borrowing Lane) -> FloatView? { kernel.mode == .max ? lane.saved[index] : nil }

  func forward(_ lane: borrowing Lane) {
    kernel.forward(lane.values[x], table: lane.parameters[weight], places: places(lane), into: lane.values[y])
  }

  func backward(_ lane: borrowing Lane) {
    // A frozen table's gradient is nobody's.
    if lane.learns(weight) { gatherGradient(lane) }
    if wantsInputGradient { lane.gradients[x].clear() }
  }

  private func gatherGradient(_ lane: borrowing Lane) {
    let (D, scratch, dtable) = (kernel.width, lane.backwardScratch[index], lane.parameterGradients[weight])
    let (rows, kept) = (scratch[0..<N * D], scratch[N * D..<N * (D + 1)])
    let count = kernel.backward(
      lane.gradients[y], tokens: lane.values[x], places: places(lane), rows: rows, kept: kept)
    let (dy, tokens) = (rows[0..<count * D], kept[0..<count])
    if isBegun {
      Kernels.embedBackward(dy, tokens: tokens, width: D, addingInto: dtable)
    } else {
      lane.embedBackward(dy, tokens: tokens, width: D, slot: weight)
    }
  }
}

extension EmbeddingBag: ConfiguredLayer {
  /// `embedding-bag: {vocabulary: 4096, width: 64, mode: mean, padding: 0}`
  public init(_ settings: ConfigReader) throws {
    let vocabulary = try settings.optionalInt("vocabulary", in: 1...Embedding.largestVocabulary)
    settings.note("vocabulary", "; none: as many tokens as the data have")
    self.init(
      vocabulary: vocabulary ?? 0, width: try settings.int("width", in: 1...(1 << 24)),
      mode: try settings.option("mode", default: .mean),
      padding: try settings.optionalInt("padding", in: 0...((vocabulary ?? Embedding.largestVocabulary) - 1)),
      initialiser: try settings.initialiser(default: "normal"))
  }
}
