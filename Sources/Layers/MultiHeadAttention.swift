import Configuration
import Kernels
import Tensors

// B micro-batch, T positions, D width, H heads of queries, G heads of keys and values, d = D / H columns a head, N rows,
// W = D + 2 G d.

/// Multi-head self-attention with its projections: T×D becomes T×D.
///
/// `y = concat(softmax(Qₕ Kₕᵀ / √d) Vₕ) Woᵀ + bo` with `[Q K V] = x Wiᵀ + bi`. Names and shapes are those of PyTorch's
/// `MultiheadAttention`: `in_proj_weight` 3D×D, `in_proj_bias` 3D, `out_proj.weight` D×D, `out_proj.bias` D.
/// Vaswani et al.: *Attention is all you need* (NeurIPS 2017). With fewer heads of keys than of queries, each serves several of these,
/// and the first two have W rows. Ainslie et al.: *GQA* (EMNLP 2023).
///
/// Memory is linear in T: scores exist for a block of 64 queries of one head at a time. Forward keeps each row's maximum
/// and sum, from which backward computes the block's probabilities again, bit for bit. Dao et al.: *FlashAttention*
/// (NeurIPS 2022). With a causal mask no work is done for keys that a block does not see, nor for those that lie before a window,
/// nor behind a sequence's end; positions there have heads of 0.
public struct MultiHeadAttention: Layer {
  public static let kind = "attention"
  public static let summary = "multi-head scaled dot-product attention over positions"
  package let heads: Int
  /// G
  package let keyHeads: Int
  /// Whether a position sees only itself and those before it.
  package let isCausal: Bool
  package let hasBias: Bool
  /// Of both weights.
  package let initialiser: Initialiser
  /// How it knows where positions are.
  package let positions: AttentionPositions
  /// How many positions one sees, its own the last; nil: all before it.
  package let window: Int?
  /// The share of probabilities that become zero in training.
  package let dropout: Double

  /// The width of the input is divisible by `heads`, and these by `keyHeads`; causal attention sees no later position, and with
  /// a `window` none that lies as far back.
  public init(
    heads: Int, causal isCausal: Bool, bias hasBias: Bool = true, initialiser: Initialiser = .glorot,
    keyHeads: Int? = nil, positions: AttentionPositions = .none, window: Int? = nil, dropout: Double = 0
  ) {
    precondition(heads > 0, "heads must be positive, found \(heads)")
    let keyHeads = keyHeads ?? heads
    precondition(keyHeads > 0 && heads.isMultiple(of: keyHeads), "\(heads) heads are no multiple of \(keyHeads)")
    precondition(window.map { isCausal && $0 > 0 } ?? true, "a window is positive, and of causal attention")
    precondition(dropout >= 0 && dropout < 1, "dropout must be in 0..<1, found \(dropout)")
    self.heads = heads
    self.keyHeads = keyHeads
    self.isCausal = isCausal
    self.hasBias = hasBias
    self.initialiser = initialiser
    self.positions = positions
    self.window = window
    self.dropout = dropout
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 2, positions × width", found: input)
    }
    try Self.check(heads: heads, positions: positions, dropout: dropout, keys: input[0], kind: Self.kind, input)
    return input
  }

  /// Throws where heads do not fit the width of `input`, of T queries for `keys` keys.
  static func check(
    heads: Int, positions: AttentionPositions = .none, dropout: Double, keys: Int, kind: String, _ input: Shape
  ) throws {
    guard input[1].isMultiple(of: heads) else {
      throw ShapeError(kind, expected: "a width that \(heads) heads divide", found: input)
    }
    if case .rotary = positions, !(input[1] / heads).isMultiple(of: 2) {
      throw ShapeError(
        kind, expected: "an even number of columns for each of \(heads) heads, which turn by pairs", found: input)
    }
    // Draws are numbered by 32 bits, four of them each.
    guard dropout == 0 || heads * (input[0] + 15) * keys < 1 << 34 else {
      throw ShapeError(kind, expected: "fewer than 2³⁴ probabilities a sample to draw from", found: input)
    }
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let D = input[1], W = D + 2 * keyHeads * (D / heads)
    func pair(_ weight: String, _ bias: String, rows: Int) -> [Parameter] {
      let weight = Parameter(weight, [rows, D], initialiser, fanIn: D, fanOut: rows)
      return hasBias ? [weight, Parameter(bias, [rows], .zeros, fanIn: D, fanOut: rows, role: .bias)] : [weight]
    }
    return pair("in_proj_weight", "in_proj_bias", rows: W) + pair("out_proj.weight", "out_proj.bias", rows: D)
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { isCausal ? position : input[0] - 1 }

  /// The two projections, and two products a head with the keys that are seen.
  public func multiplyAdds(for input: Shape) -> Int {
    let (T, D) = (input[0], input[1])
    // The first of a window's queries see fewer.
    let w = min(window ?? T, T)
    let seen = isCausal ? w * (w + 1) / 2 + (T - w) * w : T * T
    return 2 * T * D * (D + keyHeads * (D / heads)) + 2 * D * seen
  }

  public func bind(_ binding: Binding) -> any BoundLayer { bound(binding) }

  /// With adapters beside its projections.
  func bound(_ binding: Binding, _ adapters: BoundAttentionAdapters = .none) -> BoundAttention {
    let (T, D) = (binding.inputShape[0], binding.inputShape[1])
    let shape = AttentionShape(
      samples: binding.microBatch, positions: T, width: D, heads: heads, isCausal: isCausal, keyHeads: keyHeads,
      window: window.flatMap { $0 < T ? $0 : nil })
    return BoundAttention(
      x: binding.input, y: binding.output, slots: binding.slots, hasBias: hasBias, index: binding.index,
      kernel: AttentionKernel(shape, slopes: positions.slopes(heads: heads), precision: binding.precision),
      angles: positions.angles(shape), dropout: dropout, lengths: binding.lengths, adapters: adapters,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

extension MultiHeadAttention: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    let heads = try settings.int("heads", in: 1...(1 << 16))
    let isCausal = try settings.bool("causal", default: false)
    let keyHeads = try settings.later("key-heads") { _ in try settings.keyHeads(of: heads) }
    let window = try settings.later("window") { try settings.optionalInt($0, in: 1...(1 << 24)) }
    guard window == nil || isCausal else {
      throw settings.failure(
        at: "window", "expected causal attention, which looks back, found one that sees all positions",
        cure: "add causal: true, or leave window out")
    }
    self.init(
      heads: heads, causal: isCausal, bias: try settings.bool("bias", default: true),
      initialiser: try settings.initialiser(default: "glorot"), keyHeads: keyHeads,
      positions: try settings.later("positions") {
        try settings.choice($0, AttentionPositions.kinds, default: "none")
      }, window: window,
      dropout: try settings.later("dropout") { try settings.double($0, default: 0, in: 0..<1) })
  }
}

extension ConfigReader {
  /// Heads of keys and values, which divide `heads`.
  func keyHeads(of heads: Int) throws -> Int? {
    let keyHeads = try optionalInt("key-heads", in: 1...heads)
    guard heads.isMultiple(of: keyHeads ?? heads) else {
      throw failure(
        at: "key-heads", "expected a divisor of \(heads) heads, found \(keyHeads!)",
        cure: "each head of keys serves as many heads of queries as the others")
    }
    return keyHeads
  }
}
