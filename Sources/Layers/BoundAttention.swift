import Kernels
import Tensors

// Letters as in MultiHeadAttention.swift.

/// Attention of positions to each other: two products, with the kernel between them.
struct BoundAttention: RowwiseLayer, FusingLayer {
  let x: Int, y: Int
  let slots: [Int]
  let hasBias: Bool
  let index: Int
  let kernel: AttentionKernel
  /// By which queries and keys turn; nil: they do not.
  let angles: Angles?
  let dropout: Double
  let lengths: Int?
  let adapters: BoundAttentionAdapters
  let wantsInputGradient: Bool
  var behind: Follower?
  var before: Follower?

  var isRowwise: Bool { kernel.shape.isCausal }

  private var D: Int { kernel.shape.width }
  private var W: Int { D + 2 * kernel.shape.keyWidth }
  private var precision: NumberFormat { kernel.precision }
  private var inWeight: Int { slots[0] }
  private var outWeight: Int { slots[hasBias ? 2 : 1] }
  private var inBias: Int? { hasBias ? slots[1] : nil }
  private var outBias: Int? { hasBias ? slots[3] : nil }

  var workspace: Workspace {
    Workspace(
      saved: saved.end + adapters.count,
      forward: kernel.forwardScratch + (roundsLater ? kernel.shape.projectionCount : 0),
      backward: during.end + adapters.scratch)
  }

  /// Whether [Q K V] are floats at first, which adapters add to, and are rounded then.
  private var roundsLater: Bool { adapters.areOfInputs && precision != .float32 }

  /// From forward to backward: [Q K V] (N×W), the heads' outputs side by side (N×D), statistics, and behind them what adapters keep.
  private var saved: (qkv: Range<Int>, outputs: Range<Int>, statistics: Range<Int>, end: Int) {
    let (qkv, outputs) = (
      precision.floats(kernel.shape.projectionCount), precision.floats(kernel.shape.outputCount)
    )
    let end = qkv + outputs + kernel.shape.statisticsCount
    return (0..<qkv, qkv..<qkv + outputs, qkv + outputs..<end, end)
  }

  /// [Q K V] and the heads' outputs of a lane, as the kernel takes them.
  private func kept(_ view: FloatView) -> (qkv: TensorView, outputs: TensorView) {
    (
      TensorView(view[saved.qkv], precision, count: kernel.shape.projectionCount),
      TensorView(view[saved.outputs], precision, count: kernel.shape.outputCount)
    )
  }

  /// During backward: the kernel's scratch, and the gradients of [Q K V] and of the heads' outputs.
  private var during: (scratch: Range<Int>, qkv: Range<Int>, outputs: Range<Int>, end: Int) {
    let scratch = kernel.backwardScratch
    let middle = scratch + kernel.shape.projectionCount
    let end = middle + kernel.shape.outputCount
    return (0..<scratch, scratch..<middle, middle..<end, end)
  }

  /// Which positions are real, and what is dropped.
  private func pass(_ lane: borrowing Lane) -> AttentionPass {
    AttentionPass(lane, lengths: lengths, dropout: dropout, layer: index)
  }

  /// Turns queries and keys of rows, the first of which is position `first` of its sample.
  private func rotate(_ rows: TensorView, first: Int, back: Bool = false) {
    angles?.rotate(
      rows, width: W, heads: kernel.shape.heads + kernel.shape.keyHeads, positions: kernel.shape.positions,
      first: first, back: back)
  }

  /// [Q K V] of the rows before is what it keeps of them.
  func forward(_ lane: borrowing Lane, rows: Rows) {
    let view = lane.saved[index]
    let (qkv, heads) = kept(view)
    let (x, y, projected, joined) = (
      rows.of(lane.tensor(x)), rows.of(lane.tensor(y)), rows.of(qkv), rows.of(heads)
    )
    let N = x.count / D
    let Wi = Matrix(lane.parameters[inWeight], rows: W, columns: D)
    let sums =
      roundsLater
      ? .float32(lane.forwardScratch[index][kernel.forwardScratch..<kernel.forwardScratch + N * W]) : projected
    Kernels.multiply(
      Matrix(x, rows: N, columns: D), Wi.transposed, into: Matrix(sums, rows: N, columns: W), in: precision,
      bias: inBias.map { lane.parameters[$0] }, packed: lane.packed(inWeight, isTransposed: true))
    let kept = view[saved.end..<saved.end + adapters.count]
    if adapters.areOfInputs, case .float32(let sums) = sums {
      for projection in AttentionProjection.allCases where projection != .output {
        adapters.forward(projection, lane, x, rows: rows, into: columns(of: projection, in: sums, N), saved: kept)
      }
    }
    if roundsLater { Kernels.copy(sums, into: projected) }

    let positions = rows.range(in: kernel.shape.positions)
    rotate(projected, first: positions.lowerBound)
    kernel.forward(
      qkv, positions: positions, pass: pass(lane), into: heads, statistics: view[saved.statistics],
      scratch: lane.forwardScratch[index])

    let Wo = Matrix(lane.parameters[outWeight], rows: D, columns: D)
    Kernels.multiply(
      Matrix(joined, rows: N, columns: D), Wo.transposed, into: Matrix(y, rows: N, columns: D), in: precision,
      bias: outBias.map { lane.parameters[$0] }, packed: lane.packed(outWeight, isTransposed: true),
      then: behind?.forward(lane, rows: rows))
    if case .float32(let y) = y {
      adapters.forward(
        .output, lane, joined, rows: rows, into: Matrix(y, rows: N, columns: D), saved: kept)
    }
  }

  /// The columns of a projection of the input, in N rows of [Q K V].
  private func columns(of projection: AttentionProjection, in rows: FloatView, _ N: Int) -> Matrix {
    let K = kernel.shape.keyWidth
    let (first, width) =
      switch projection {
      case .key: (D, K)
      case .value: (D + K, K)
      default: (0, D)
      }
    return Matrix(rows[first..<rows.count], rows: N, columns: width, stride: W)
  }

  func backward(_ lane: borrowing Lane) {
    let N = kernel.shape.samples * kernel.shape.positions
    let (view, scratch) = (lane.saved[index], lane.backwardScratch[index])
    let (qkv, heads) = kept(view)
    let (dqkv, dheads) = (scratch[during.qkv], scratch[during.outputs])

    let dy = Matrix(lane.gradient(y), rows: N, columns: D)
    if learns(lane, outWeight, outBias) {
      let dWo = Matrix(lane.parameterGradients[outWeight], rows: D, columns: D)
      Kernels.multiply(
        dy.transposed, Matrix(heads, rows: N, columns: D), into: dWo, in: precision,
        rowSums: outBias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    }
    let Wo = Matrix(lane.parameters[outWeight], rows: D, columns: D)
    Kernels.multiply(
      dy, Wo, into: Matrix(dheads, rows: N, columns: D), in: precision,
      packed: lane.packed(outWeight, isTransposed: false))
    let (kept, own) = (
      view[saved.end..<saved.end + adapters.count], scratch[during.end..<during.end + adapters.scratch]
    )
    adapters.backward(.output, lane, dy, of: heads, saved: kept, scratch: own, into: dheads)

    kernel.backward(
      dheads, qkv: qkv, statistics: view[saved.statistics], pass: pass(lane), into: dqkv,
      scratch: scratch[during.scratch])
    rotate(.float32(dqkv), first: 0, back: true)

    let dQKV = Matrix(dqkv, rows: N, columns: W)
    if learns(lane, inWeight, inBias) {
      let dWi = Matrix(lane.parameterGradients[inWeight], rows: W, columns: D)
      Kernels.multiply(
        dQKV.transposed, Matrix(lane.tensor(x), rows: N, columns: D), into: dWi, in: precision,
        rowSums: inBias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    }
    if wantsInputGradient {
      let Wi = Matrix(lane.parameters[inWeight], rows: W, columns: D)
      Kernels.multiply(
        dQKV, Wi, into: Matrix(lane.gradient(x), rows: N, columns: D), in: precision,
        packed: lane.packed(inWeight, isTransposed: false), then: before?.backward(lane))
    }
    guard adapters.areOfInputs else { return }
    for projection in AttentionProjection.allCases where projection != .output {
      adapters.backward(
        projection, lane, columns(of: projection, in: dqkv, N), of: lane.tensor(x), saved: kept, scratch: own,
        into: wantsInputGradient ? lane.gradients[x] : nil)
    }
  }

  /// Whether a weight or its bias learns: then both gradients are computed, with the same product.
  private func learns(_ lane: borrowing Lane, _ weight: Int, _ bias: Int?) -> Bool {
    lane.learns(weight) || (bias.map { lane.learns($0) } ?? false)
  }
}

extension BoundAttention: IntegerOperands {
  func operand(of product: Int, _ lane: borrowing Lane) -> FloatView {
    product == 0 ? lane.values[x] : lane.saved[index][saved.outputs]
  }
}

extension BoundAttention: WeightProductLayer {
  var weightProducts: [WeightProduct] {
    let N = kernel.shape.samples * kernel.shape.positions
    return [(inWeight, W, true), (inWeight, W, false), (outWeight, D, true), (outWeight, D, false)]
      .filter { $0.0 == outWeight || $0.2 || wantsInputGradient }
      .map { WeightProduct(slot: $0.0, rows: $0.1, columns: D, isTransposed: $0.2, otherRows: N) }
  }
}

extension AttentionPass {
  /// Of what lengths a lane has, and in training with a share of probabilities dropped.
  init(
    _ lane: borrowing Lane, lengths: Int?, memoryLengths: Int? = nil, dropout: Double, layer: Int
  ) {
    self.init(
      lengths: lengths.map { lane.lengths[$0].elements }, memoryLengths: memoryLengths.map { lane.lengths[$0].elements }
    )
    if dropout > 0, case .training(let step, let firstPosition) = lane.mode {
      drop(dropout, random: lane.random, layer: layer, first: firstPosition, step: step)
    }
  }
}
