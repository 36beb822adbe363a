import Kernels
import Tensors

// Letters as in MultiHeadAttention.swift.

extension MultiHeadAttention: IntegerLayer {
  package func integerProducts(for input: Shape, memory: Shape?) -> [IntegerProduct] {
    let (T, D) = (input[0], input[1])
    return IntegerProduct.checked([
      IntegerProduct(
        name: "in_proj", slot: 0, inputs: D, outputs: D + 2 * keyHeads * (D / heads), rows: T),
      IntegerProduct(name: "out_proj", slot: hasBias ? 2 : 1, inputs: D, outputs: D, rows: T),
    ])
  }

  package func bindToIntegers(_ binding: Binding) -> any BoundLayer {
    let floats = bound(binding)
    return BoundIntegerAttention(
      x: binding.input, y: binding.output,
      biases: hasBias ? (binding.slots[1], binding.slots[3]) : nil,
      index: binding.index, kernel: floats.kernel, angles: floats.angles, lengths: binding.lengths)
  }
}

/// The projections of whole numbers; scores and what they weigh are floats.
private struct BoundIntegerAttention: RowwiseLayer {
  let x: Int, y: Int
  let biases: (inputs: Int, output: Int)?
  let index: Int
  let kernel: AttentionKernel
  let angles: Angles?
  let lengths: Int?

  var isRowwise: Bool { kernel.shape.isCausal }
  private var shape: AttentionShape { kernel.shape }
  private var D: Int { shape.width }
  private var W: Int { D + 2 * shape.keyWidth }

  var workspace: Workspace {
    Workspace(saved: saved.end, forward: kernel.forwardScratch + bytes)
  }

  /// Floats that hold the bytes of what a projection reads.
  private var bytes: Int {
    IntegerWeights.scratch(rows: shape.samples * shape.positions, inputs: D)
  }

  /// [Q K V] (N×W), which later rows read as well, the heads' outputs side by side (N×D), and statistics.
  private var saved: (qkv: Range<Int>, outputs: Range<Int>, statistics: Range<Int>, end: Int) {
    let (qkv, outputs) = (shape.projectionCount, shape.projectionCount + shape.outputCount)
    return (
      0..<qkv, qkv..<outputs, outputs..<outputs + shape.statisticsCount,
      outputs + shape.statisticsCount
    )
  }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let (view, scratch) = (lane.saved[index], lane.forwardScratch[index])
    let (qkv, heads) = (view[saved.qkv], view[saved.outputs])
    let (projected, joined, bytes) = (
      rows.of(qkv), rows.of(heads), scratch[kernel.forwardScratch..<scratch.count]
    )
    lane.integers(index, product: 0).multiply(
      rows.of(lane.values[x]), bias: biases.map { lane.parameters[$0.inputs] }, into: projected,
      scratch: bytes)
    let positions = rows.range(in: shape.positions)
    angles?.rotate(
      .float32(projected), width: W, heads: shape.heads + shape.keyHeads,
      positions: shape.positions,
      first: positions.lowerBound, back: false)
    kernel.forward(
      .float32(qkv), positions: positions,
      pass: AttentionPass(lane, lengths: lengths, dropout: 0, layer: index),
      into: .float32(heads), statistics: view[saved.statistics],
      scratch: scratch[0..<kernel.forwardScratch])
    lane.integers(index, product: 1).multiply(
      joined, bias: biases.map { lane.parameters[$0.output] }, into: rows.of(lane.values[y]),
      scratch: bytes)
  }

  func backward(_ lane: borrowing Lane) {
    preconditionFailure("a plan of whole numbers does not train")
  }
}

extension CrossAttention: IntegerLayer {
  package func integerProducts(for input: Shape, memory: Shape?) -> [IntegerProduct] {
    guard let memory else { return [] }
    let (T, D) = (input[0], input[1])
    func slot(_ part: Int) -> Int { hasBias ? 2 * part : part }
    return IntegerProduct.checked([
      IntegerProduct(name: "q_proj", slot: slot(0), inputs: D, outputs: D, rows: T),
      IntegerProduct(
        name: "kv_proj", slot: slot(1), inputs: memory[1], outputs: 2 * keyHeads * (D / heads),
        rows: memory[0]),
      IntegerProduct(name: "out_proj", slot: slot(2), inputs: D, outputs: D, rows: T),
    ])
  }

  package func bindToIntegers(_ binding: Binding) -> any BoundLayer {
    let memory = binding.memory!
    let shape = AttentionShape(
      samples: binding.microBatch, positions: binding.inputShape[0], width: binding.inputShape[1],
      heads: heads,
      isCausal: false, keyHeads: keyHeads, memory: memory.shape[0])
    return BoundIntegerCrossAttention(
      x: binding.input, y: binding.output, memory: memory,
      biases: hasBias ? [1, 3, 5].map { binding.slots[$0] } : nil, index: binding.index,
      kernel: AttentionKernel(shape, precision: .float32), lengths: binding.lengths)
  }
}

private struct BoundIntegerCrossAttention: BoundLayer {
  let x: Int, y: Int
  let memory: Binding.Memory
  /// Of the projections, in their order.
  let biases: [Int]?
  let index: Int
  let kernel: AttentionKernel
  let lengths: Int?

  private var shape: AttentionShape { kernel.shape }
  /// Floats that hold the bytes of what a projection reads.
  private var bytes: Int {
    max(
      IntegerWeights.scratch(rows: shape.samples * shape.positions, inputs: shape.width),
      IntegerWeights.scratch(rows: shape.samples * memory.shape[0], inputs: memory.shape[1]))
  }
  private var counts: (qkv: Int, outputs: Int, statistics: Int) {
    (shape.projectionCount, shape.outputCount, shape.statisticsCount)
  }

  var workspace: Workspace {
    Workspace(
      saved: counts.qkv + counts.outputs + counts.statistics, forward: kernel.forwardScratch + bytes
    )
  }

  func forward(_ lane: borrowing Lane) {
    let (view, scratch) = (lane.saved[index], lane.forwardScratch[index])
    let (qkv, heads) = (view[0..<counts.qkv], view[counts.qkv..<counts.qkv + counts.outputs])
    let (queries, bytes) = (
      shape.samples * shape.positions * shape.width, scratch[kernel.forwardScratch..<scratch.count]
    )
    project(lane, 0, lane.values[x], into: qkv[0..<queries], scratch: bytes)
    project(lane, 1, lane.values[memory.place], into: qkv[queries..<qkv.count], scratch: bytes)
    kernel.forward(
      .float32(qkv),
      pass: AttentionPass(
        lane, lengths: lengths, memoryLengths: memory.lengths, dropout: 0, layer: index),
      into: .float32(heads), statistics: view[counts.qkv + counts.outputs..<view.count],
      scratch: scratch[0..<kernel.forwardScratch])
    project(lane, 2, heads, into: lane.values[y], scratch: bytes)
  }

  private func project(
    _ lane: borrowing Lane, _ product: Int, _ x: FloatView, into y: FloatView, scratch: FloatView
  ) {
    lane.integers(index, product: product).multiply(
      x, bias: biases.map { lane.parameters[$0[product]] }, into: y, scratch: scratch)
  }

  func backward(_ lane: borrowing Lane) {
    preconditionFailure("a plan of whole numbers does not train")
  }
}
