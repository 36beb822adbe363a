import Configuration
import Kernels
import Tensors

// B micro-batch, T positions, D width, H heads, d = D / H columns a head, N rows.

/// Multi-head self-attention with its projections: T×D becomes T×D.
///
/// `y = concat(softmax(Qₕ Kₕᵀ / √d) Vₕ) Woᵀ + bo` with `[Q K V] = x Wiᵀ + bi`. Names and shapes are those of PyTorch's
/// `MultiheadAttention`: `in_proj_weight` 3D×D, `in_proj_bias` 3D, `out_proj.weight` D×D, `out_proj.bias` D.
/// Vaswani et al.: *Attention is all you need* (NeurIPS 2017).
///
/// Memory is linear in T: scores exist for a block of 64 queries of one head at a time. Forward keeps each row's maximum
/// and sum, from which backward computes the block's probabilities again, bit for bit. Dao et al.: *FlashAttention*
/// (NeurIPS 2022). With a causal mask no work is done for keys that a block does not see.
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
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { isCausal ? position : input[0] - 1 }

  /// The two projections, and two products a head with the keys that are seen.
  public func multiplyAdds(for input: Shape) -> Int {
    let (T, D) = (input[0], input[1])
    return 4 * T * D * D + 2 * D * (isCausal ? T * (T + 1) / 2 : T * T)
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    let (T, D) = (binding.inputShape[0], binding.inputShape[1])
    return BoundAttention(
      x: binding.input, y: binding.output, slots: binding.slots, hasBias: hasBias, index: binding.index,
      kernel: AttentionKernel(
        AttentionShape(samples: binding.microBatch, positions: T, width: D, heads: heads, isCausal: isCausal),
        precision: binding.precision),
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundAttention: RowwiseLayer, FusingLayer {
  let x: Int, y: Int
  let slots: [Int]
  let hasBias: Bool
  let index: Int
  let kernel: AttentionKernel
  let wantsInputGradient: Bool
  var behind: Follower?
  var before: Follower?

  var isRowwise: Bool { kernel.shape.isCausal }

  private var D: Int { kernel.shape.width }
  private var precision: NumberFormat { kernel.precision }
  private var inWeight: Int { slots[0] }
  private var outWeight: Int { slots[hasBias ? 2 : 1] }
  private var inBias: Int? { hasBias ? slots[1] : nil }
  private var outBias: Int? { hasBias ? slots[3] : nil }

  var workspace: Workspace {
    Workspace(saved: saved.end, forward: kernel.forwardScratch, backward: during.end)
  }

  /// From forward to backward: [Q K V] (N×3D), the heads' outputs side by side (N×D), and statistics.
  private var saved: (qkv: Range<Int>, outputs: Range<Int>, statistics: Range<Int>, end: Int) {
    let count = kernel.shape.outputCount
    let (qkv, outputs) = (precision.floats(3 * count), precision.floats(count))
    let end = qkv + outputs + kernel.shape.statisticsCount
    return (0..<qkv, qkv..<qkv + outputs, qkv + outputs..<end, end)
  }

  /// [Q K V] and the heads' outputs of a lane, as the kernel takes them.
  private func kept(_ view: FloatView) -> (qkv: TensorView, outputs: TensorView) {
    let count = kernel.shape.outputCount
    return (
      TensorView(view[saved.qkv], precision, count: 3 * count), TensorView(view[saved.outputs], precision, count: count)
    )
  }

  /// During backward: the kernel's scratch, and the gradients of [Q K V] and of the heads' outputs.
  private var during: (scratch: Range<Int>, qkv: Range<Int>, outputs: Range<Int>, end: Int) {
    let (scratch, outputs) = (kernel.backwardScratch, kernel.shape.outputCount)
    let end = scratch + 4 * outputs
    return (0..<scratch, scratch..<scratch + 3 * outputs, scratch + 3 * outputs..<end, end)
  }

  /// [Q K V] of the rows before is what it keeps of them.
  func forward(_ lane: borrowing Lane, rows: Rows) {
    let view = lane.saved[index]
    let (qkv, heads) = kept(view)
    let (x, y, projected, joined) = (
      rows.of(lane.tensor(x)), rows.of(lane.tensor(y)), rows.of(qkv), rows.of(heads)
    )
    let N = x.count / D
    let Wi = Matrix(lane.parameters[inWeight], rows: 3 * D, columns: D)
    Kernels.multiply(
      Matrix(x, rows: N, columns: D), Wi.transposed, into: Matrix(projected, rows: N, columns: 3 * D), in: precision,
      bias: inBias.map { lane.parameters[$0] }, packed: lane.packed(inWeight, isTransposed: true))

    kernel.forward(
      qkv, positions: rows.range(in: kernel.shape.positions), into: heads, statistics: view[saved.statistics],
      scratch: lane.forwardScratch[index])

    let Wo = Matrix(lane.parameters[outWeight], rows: D, columns: D)
    Kernels.multiply(
      Matrix(joined, rows: N, columns: D), Wo.transposed, into: Matrix(y, rows: N, columns: D), in: precision,
      bias: outBias.map { lane.parameters[$0] }, packed: lane.packed(outWeight, isTransposed: true),
      then: behind?.forward(lane, rows: rows))
  }

  func backward(_ lane: borrowing Lane) {
    let N = kernel.shape.samples * kernel.shape.positions
    let (view, scratch) = (lane.saved[index], lane.backwardScratch[index])
    let (qkv, heads) = kept(view)
    let (dqkv, dheads) = (scratch[during.qkv], scratch[during.outputs])

    let dy = Matrix(lane.gradient(y), rows: N, columns: D)
    let dWo = Matrix(lane.parameterGradients[outWeight], rows: D, columns: D)
    Kernels.multiply(
      dy.transposed, Matrix(heads, rows: N, columns: D), into: dWo, in: precision,
      rowSums: outBias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    let Wo = Matrix(lane.parameters[outWeight], rows: D, columns: D)
    Kernels.multiply(
      dy, Wo, into: Matrix(dheads, rows: N, columns: D), in: precision,
      packed: lane.packed(outWeight, isTransposed: false))

    kernel.backward(
      dheads, qkv: qkv, statistics: view[saved.statistics], into: dqkv, scratch: scratch[during.scratch])

    let dQKV = Matrix(dqkv, rows: N, columns: 3 * D)
    let dWi = Matrix(lane.parameterGradients[inWeight], rows: 3 * D, columns: D)
    Kernels.multiply(
      dQKV.transposed, Matrix(lane.tensor(x), rows: N, columns: D), into: dWi, in: precision,
      rowSums: inBias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    guard wantsInputGradient else { return }
    let Wi = Matrix(lane.parameters[inWeight], rows: 3 * D, columns: D)
    Kernels.multiply(
      dQKV, Wi, into: Matrix(lane.gradient(x), rows: N, columns: D), in: precision,
      packed: lane.packed(inWeight, isTransposed: false), then: before?.backward(lane))
  }
}

extension BoundAttention: WeightProductLayer {
  var weightProducts: [WeightProduct] {
    let N = kernel.shape.samples * kernel.shape.positions
    return [(inWeight, 3 * D, true), (inWeight, 3 * D, false), (outWeight, D, true), (outWeight, D, false)]
      .filter { $0.0 == outWeight || $0.2 || wantsInputGradient }
      .map { WeightProduct(slot: $0.0, rows: $0.1, columns: D, isTransposed: $0.2, otherRows: N) }
  }
}

extension MultiHeadAttention: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(
      heads: try settings.int("heads", in: 1...(1 << 16)), causal: try settings.bool("causal", default: false),
      bias: try settings.bool("bias", default: true), initialiser: try settings.initialiser(default: "glorot"))
  }
}
