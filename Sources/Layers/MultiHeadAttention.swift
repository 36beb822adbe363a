import Configuration
import Kernels
import Tensors

// B micro-batch, T positions, D width, H heads, d = D / H columns a head, n queries of a block.

/// Multi-head self-attention with its projections: T×D becomes T×D.
///
/// `y = concat(softmax(Qₕ Kₕᵀ / √d) Vₕ) Woᵀ + bo` with `[Q K V] = x Wiᵀ + bi`. Names and shapes are those of PyTorch's
/// `MultiheadAttention`: `in_proj_weight` 3D×D, `in_proj_bias` 3D, `out_proj.weight` D×D, `out_proj.bias` D.
/// Vaswani et al.: *Attention is all you need* (NeurIPS 2017).
///
/// Memory is linear in T: scores exist for a block of 64 queries of one head at a time. Forward keeps each row's maximum
/// and sum, from which backward computes the block's probabilities again, bit for bit. Dao et al.: *FlashAttention*
/// (NeurIPS 2022). With a causal mask a block meets only the keys up to its own end.
public struct MultiHeadAttention: Layer {
  public static let kind = "attention"
  public static let summary = "multi-head scaled dot-product attention over positions"
  package let heads: Int
  /// Whether a position sees only itself and those before it.
  package let isCausal: Bool
  package let hasBias: Bool
  /// Of both weights.
  package let initialiser: Initialiser

  /// The width of the input is divisible by `heads`; causal attention sees no later position.
  public init(heads: Int, causal isCausal: Bool, bias hasBias: Bool = true, initialiser: Initialiser = .glorot) {
    precondition(heads > 0, "heads must be positive, found \(heads)")
    self.heads = heads
    self.isCausal = isCausal
    self.hasBias = hasBias
    self.initialiser = initialiser
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 2, positions × width", found: input)
    }
    guard input[1].isMultiple(of: heads) else {
      throw ShapeError(Self.kind, expected: "a width that \(heads) heads divide", found: input)
    }
    return input
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let D = input[1]
    func pair(_ weight: String, _ bias: String, rows: Int) -> [Parameter] {
      let weight = Parameter(weight, [rows, D], initialiser, fanIn: D, fanOut: rows)
      return hasBias ? [weight, Parameter(bias, [rows], .zeros, fanIn: D, fanOut: rows, role: .bias)] : [weight]
    }
    return pair("in_proj_weight", "in_proj_bias", rows: 3 * D) + pair("out_proj.weight", "out_proj.bias", rows: D)
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public func lastRead(at position: Int, of input: Shape) -> Int { isCausal ? position : input[0] - 1 }

  /// The two projections, and two products a head with the keys that are seen.
  public func multiplyAdds(for input: Shape) -> Int {
    let (T, D) = (input[0], input[1])
    return 4 * T * D * D + 2 * D * (isCausal ? T * (T + 1) / 2 : T * T)
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundAttention(
      x: binding.input, y: binding.output, slots: binding.slots, hasBias: hasBias, index: binding.index,
      isCausal: isCausal, precision: binding.precision,
      extents: AttentionExtents(binding.inputShape, heads: heads, microBatch: binding.microBatch),
      wantsInputGradient: binding.wantsInputGradient)
  }
}

/// The extents of an attention, and where its parts lie in its workspace.
private struct AttentionExtents {
  let B: Int, T: Int, D: Int, H: Int
  /// Queries whose scores exist at the same time.
  let block: Int

  init(_ input: Shape, heads: Int, microBatch: Int) {
    (B, T, D, H) = (microBatch, input[0], input[1], heads)
    block = min(T, 64)
  }

  var d: Int { D / H }
  var rows: Int { B * T }

  /// From forward to backward: [Q K V] (B·T×3D), the heads' outputs side by side (B·T×D), statistics (B·H·T×2).
  var saved: (qkv: Range<Int>, outputs: Range<Int>, statistics: Range<Int>, end: Int) {
    let (qkv, outputs) = (3 * rows * D, 4 * rows * D)
    let end = outputs + 2 * B * H * T
    return (0..<qkv, qkv..<outputs, outputs..<end, end)
  }

  /// During backward: the gradients of [Q K V] and of the heads' outputs, a block of scores and one of gradients.
  var backward: (qkv: Range<Int>, outputs: Range<Int>, scores: Range<Int>, gradients: Range<Int>, end: Int) {
    let (qkv, outputs) = (3 * rows * D, 4 * rows * D)
    let (scores, end) = (outputs + block * T, outputs + 2 * block * T)
    return (0..<qkv, qkv..<outputs, outputs..<scores, scores..<end, end)
  }
}

private struct BoundAttention: RowwiseLayer {
  let x: Int, y: Int
  let slots: [Int]
  let hasBias: Bool
  let index: Int
  let isCausal: Bool
  let precision: NumberFormat
  let extents: AttentionExtents
  let wantsInputGradient: Bool

  var isRowwise: Bool { isCausal }

  var workspace: Workspace {
    Workspace(saved: extents.saved.end, forward: extents.block * extents.T, backward: extents.backward.end)
  }

  private var scale: Float { 1 / Float(extents.d).squareRoot() }
  private var inWeight: Int { slots[0] }
  private var outWeight: Int { slots[hasBias ? 2 : 1] }
  private var inBias: Int? { hasBias ? slots[1] : nil }
  private var outBias: Int? { hasBias ? slots[3] : nil }

  /// A block of queries of one head of one sample.
  private struct Block {
    let sample: Int, head: Int
    /// Its first query, queries, and the keys that they meet.
    let start: Int, queries: Int, keys: Int
    let visibility: Kernels.Visibility
  }

  /// The blocks of a head, the last one first: it alone meets every key, so that it can overwrite what others add to.
  /// Of each those queries alone whose positions are asked for.
  private func forEachBlock(at positions: Range<Int>? = nil, _ body: (Block) -> Void) {
    let (T, size) = (extents.T, extents.block)
    let positions = positions ?? 0..<T
    let (first, last) = (positions.lowerBound / size * size, (positions.upperBound - 1) / size * size)
    for sample in 0..<extents.B {
      for head in 0..<extents.H {
        for whole in stride(from: last, through: first, by: -size) {
          let start = max(whole, positions.lowerBound)
          let queries = min(whole + size, positions.upperBound) - start
          body(
            Block(
              sample: sample, head: head, start: start, queries: queries, keys: isCausal ? start + queries : T,
              visibility: isCausal ? .causal(first: start + 1) : .all))
        }
      }
    }
  }

  /// Rows `first ..< first + count` of one head's part of `view` (B·T×3D or B·T×D).
  private func part(
    _ view: FloatView, _ block: Block, first: Int, count: Int, columns: Int, offset: Int
  ) -> Matrix {
    let start = (block.sample * extents.T + first) * columns + offset + block.head * extents.d
    return Matrix(
      view[start..<start + (count - 1) * columns + extents.d], rows: count, columns: extents.d, stride: columns)
  }

  private func queries(_ qkv: FloatView, _ block: Block) -> Matrix {
    part(qkv, block, first: block.start, count: block.queries, columns: 3 * extents.D, offset: 0)
  }
  private func keys(_ qkv: FloatView, _ block: Block) -> Matrix {
    part(qkv, block, first: 0, count: block.keys, columns: 3 * extents.D, offset: extents.D)
  }
  private func values(_ qkv: FloatView, _ block: Block) -> Matrix {
    part(qkv, block, first: 0, count: block.keys, columns: 3 * extents.D, offset: 2 * extents.D)
  }
  private func outputs(_ view: FloatView, _ block: Block) -> Matrix {
    part(view, block, first: block.start, count: block.queries, columns: extents.D, offset: 0)
  }
  private func statistics(_ saved: FloatView, _ block: Block) -> FloatView {
    let first = extents.saved.statistics.lowerBound
    let row = (block.sample * extents.H + block.head) * extents.T + block.start
    return saved[first + 2 * row..<first + 2 * (row + block.queries)]
  }

  /// [Q K V] of the rows before is what it keeps of them.
  func forward(_ lane: borrowing Lane, rows: Rows) {
    let D = extents.D
    let (saved, scratch) = (lane.saved[index], lane.forwardScratch[index])
    let (qkv, heads) = (saved[extents.saved.qkv], saved[extents.saved.outputs])
    let (x, y, projected, joined) = (
      rows.of(lane.tensor(x)), rows.of(lane.tensor(y)), rows.of(qkv), rows.of(heads)
    )
    let N = x.count / D
    let Wi = Matrix(lane.parameters[inWeight], rows: 3 * D, columns: D)
    Kernels.multiply(
      Matrix(x, rows: N, columns: D), Wi.transposed, into: Matrix(projected, rows: N, columns: 3 * D), in: precision,
      bias: inBias.map { lane.parameters[$0] })

    forEachBlock(at: rows.range(in: extents.T)) { block in
      let view = scratch[0..<block.queries * block.keys]
      let scores = Matrix(view, rows: block.queries, columns: block.keys)
      Kernels.multiply(queries(qkv, block), keys(qkv, block).transposed, into: scores)
      Kernels.attentionSoftmax(
        view, keys: block.keys, visibility: block.visibility, scale: scale, statistics: statistics(saved, block))
      Kernels.multiply(scores, values(qkv, block), into: outputs(heads, block))
    }

    let Wo = Matrix(lane.parameters[outWeight], rows: D, columns: D)
    Kernels.multiply(
      Matrix(joined, rows: N, columns: D), Wo.transposed, into: Matrix(y, rows: N, columns: D), in: precision,
      bias: outBias.map { lane.parameters[$0] })
  }

  func backward(_ lane: borrowing Lane) {
    let (N, D) = (extents.rows, extents.D)
    let (saved, scratch) = (lane.saved[index], lane.backwardScratch[index])
    let (qkv, heads) = (saved[extents.saved.qkv], saved[extents.saved.outputs])
    let (dqkv, dheads) = (scratch[extents.backward.qkv], scratch[extents.backward.outputs])

    let up = lane.gradient(y)
    let dy = Matrix(up, rows: N, columns: D)
    let dWo = Matrix(lane.parameterGradients[outWeight], rows: D, columns: D)
    Kernels.multiply(dy.transposed, Matrix(heads, rows: N, columns: D), into: dWo, in: precision)
    if let outBias { Kernels.sumRows(of: up, into: lane.parameterGradients[outBias]) }
    let Wo = Matrix(lane.parameters[outWeight], rows: D, columns: D)
    Kernels.multiply(dy, Wo, into: Matrix(dheads, rows: N, columns: D), in: precision)

    forEachBlock { block in
      backward(block, qkv: qkv, dqkv: dqkv, dheads: dheads, saved: saved, scratch: scratch)
    }

    let dQKV = Matrix(dqkv, rows: N, columns: 3 * D)
    let dWi = Matrix(lane.parameterGradients[inWeight], rows: 3 * D, columns: D)
    Kernels.multiply(dQKV.transposed, Matrix(lane.tensor(x), rows: N, columns: D), into: dWi, in: precision)
    if let inBias { Kernels.sumRows(of: dqkv, into: lane.parameterGradients[inBias]) }
    guard wantsInputGradient else { return }
    let Wi = Matrix(lane.parameters[inWeight], rows: 3 * D, columns: D)
    Kernels.multiply(dQKV, Wi, into: Matrix(lane.gradient(x), rows: N, columns: D), in: precision)
  }

  /// Overwrites the gradients of a block's queries; those of its keys and values are overwritten by the last block, and
  /// added to by the others.
  private func backward(
    _ block: Block, qkv: FloatView, dqkv: FloatView, dheads: FloatView, saved: FloatView, scratch: FloatView
  ) {
    let count = block.queries * block.keys
    let (first, second) = (extents.backward.scores.lowerBound, extents.backward.gradients.lowerBound)
    let (p, ds) = (scratch[first..<first + count], scratch[second..<second + count])
    let P = Matrix(p, rows: block.queries, columns: block.keys)
    let dS = Matrix(ds, rows: block.queries, columns: block.keys)
    let (Q, K, dO) = (queries(qkv, block), keys(qkv, block), outputs(dheads, block))
    Kernels.multiply(Q, K.transposed, into: P)
    Kernels.multiply(dO, values(qkv, block).transposed, into: dS)
    Kernels.attentionBackward(
      p, gradient: ds, keys: block.keys, visibility: block.visibility, scale: scale,
      statistics: statistics(saved, block))

    Kernels.multiply(dS, K, into: queries(dqkv, block))
    let (dK, dV) = (keys(dqkv, block), values(dqkv, block))
    if block.start + block.queries == extents.T {
      Kernels.multiply(dS.transposed, Q, into: dK)
      Kernels.multiply(P.transposed, dO, into: dV)
    } else {
      Kernels.multiply(dS.transposed, Q, addingInto: dK)
      Kernels.multiply(P.transposed, dO, addingInto: dV)
    }
  }
}

extension MultiHeadAttention: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(
      heads: try settings.int("heads", in: 1...(1 << 16)), causal: try settings.bool("causal", default: false),
      bias: try settings.bool("bias", default: true), initialiser: try settings.initialiser(default: "glorot"))
  }
}
