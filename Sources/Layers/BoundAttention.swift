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
    Workspace(saved: saved.end, forward: kernel.forwardScratch, backward: during.end)
  }

  /// From forward to backward: [Q K V] (N×W), the heads' outputs side by side (N×D), and statistics.
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
    Kernels.multiply(
      Matrix(x, rows: N, columns: D), Wi.transposed, into: Matrix(projected, rows: N, columns: W), in: precision,
      bias: inBias.map { lane.parameters[$0] }, packed: lane.packed(inWeight, isTransposed: true))

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
      dheads, qkv: qkv, statistics: view[saved.statistics], pass: pass(lane), into: dqkv,
      scratch: scratch[during.scratch])
    rotate(.float32(dqkv), first: 0, back: true)

    let dQKV = Matrix(dqkv, rows: N, columns: W)
    let dWi = Matrix(lane.parameterGradients[inWeight], rows: W, columns: D)
    Kernels.multiply(
      dQKV.transposed, Matrix(lane.tensor(x), rows: N, columns: D), into: dWi, in: precision,
      rowSums: inBias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    guard wantsInputGradient else { return }
    let Wi = Matrix(lane.parameters[inWeight], rows: W, columns: D)
    Kernels.multiply(
      dQKV, Wi, into: Matrix(lane.gradient(x), rows: N, columns: D), in: precision,
      packed: lane.packed(inWeight, isTransposed: false), then: before?.backward(lane))
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
