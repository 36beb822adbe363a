import Configuration
import Kernels
import Tensors

// B micro-batch, T positions of the input, D their width; S positions of the memory, E their width; H heads of queries, G of keys and
// values, d = D / H columns a head, K = G d, N rows of the input, M of the memory.

/// Multi-head attention to the memory of an `EncoderDecoder`: T×D becomes T×D.
///
/// `y = concat(softmax(Qₕ Kₕᵀ / √d) Vₕ) Woᵀ + bo` with `Q = x Wqᵀ + bq` and `[K V] = m Wkvᵀ + bkv`, m being the memory, S×E, all of whose
/// real positions are seen. Slots: `q_proj.weight` D×D, `kv_proj.weight` 2K×E, `out_proj.weight` D×D, and biases.
/// Vaswani et al.: *Attention is all you need* (NeurIPS 2017), section 3.2.3.
public struct CrossAttention: MemoryLayer {
  public static let kind = "cross-attention"
  public static let summary = "multi-head attention to the memory of an encoder-decoder around it"
  package let heads: Int
  package let keyHeads: Int
  package let hasBias: Bool
  /// Of all weights.
  package let initialiser: Initialiser
  /// The share of probabilities that become zero in training.
  package let dropout: Double

  /// The width of the input is divisible by `heads`, and these by `keyHeads`.
  public init(
    heads: Int, bias hasBias: Bool = true, initialiser: Initialiser = .glorot, keyHeads: Int? = nil, dropout: Double = 0
  ) {
    precondition(heads > 0, "heads must be positive, found \(heads)")
    let keyHeads = keyHeads ?? heads
    precondition(keyHeads > 0 && heads.isMultiple(of: keyHeads), "\(heads) heads are no multiple of \(keyHeads)")
    precondition(dropout >= 0 && dropout < 1, "dropout must be in 0..<1, found \(dropout)")
    (self.heads, self.keyHeads, self.hasBias) = (heads, keyHeads, hasBias)
    (self.initialiser, self.dropout) = (initialiser, dropout)
  }

  public func outputShape(for input: Shape) -> Shape { input }
  public func outputShape(for input: Shape, memory: Shape) throws -> Shape {
    for shape in [input, memory] where shape.rank != 2 || shape.count == 0 {
      throw ShapeError(
        Self.kind, expected: "samples and a memory of rank 2, positions × width", found: shape)
    }
    try MultiHeadAttention.check(heads: heads, dropout: dropout, keys: memory[0], kind: Self.kind, input)
    return input
  }

  public func parameters(for input: Shape, memory: Shape) -> [Parameter] {
    let (D, E) = (input[1], memory[1])
    func pair(_ name: String, _ rows: Int, _ columns: Int) -> [Parameter] {
      let weight = Parameter("\(name).weight", [rows, columns], initialiser, fanIn: columns, fanOut: rows)
      guard hasBias else { return [weight] }
      return [weight, Parameter("\(name).bias", [rows], .zeros, fanIn: columns, fanOut: rows, role: .bias)]
    }
    return pair("q_proj", D, D) + pair("kv_proj", 2 * keyHeads * (D / heads), E) + pair("out_proj", D, D)
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }

  /// The three projections, and two products a head.
  public func multiplyAdds(for input: Shape, memory: Shape) -> Int {
    let (T, D, S) = (input[0], input[1], memory[0])
    return 2 * T * D * D + 2 * S * memory[1] * keyHeads * (D / heads) + 2 * D * T * S
  }

  public func bind(_ binding: Binding) -> any BoundLayer { bound(binding) }

  /// With adapters beside its projections.
  func bound(_ binding: Binding, _ adapters: BoundAttentionAdapters = .none) -> any BoundLayer {
    let (T, D, memory) = (binding.inputShape[0], binding.inputShape[1], binding.memory!)
    let shape = AttentionShape(
      samples: binding.microBatch, positions: T, width: D, heads: heads, isCausal: false, keyHeads: keyHeads,
      memory: memory.shape[0])
    return BoundCrossAttention(
      x: binding.input, y: binding.output, memory: memory, slots: binding.slots, hasBias: hasBias, index: binding.index,
      kernel: AttentionKernel(shape, precision: binding.precision), dropout: dropout, lengths: binding.lengths,
      adapters: adapters, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundCrossAttention: BoundLayer {
  let x: Int, y: Int
  let memory: Binding.Memory
  let slots: [Int]
  let hasBias: Bool
  let index: Int
  let kernel: AttentionKernel
  let dropout: Double
  let lengths: Int?
  let adapters: BoundAttentionAdapters
  let wantsInputGradient: Bool

  private var D: Int { kernel.shape.width }
  private var E: Int { memory.shape[1] }
  /// The columns of [K V].
  private var KV: Int { 2 * kernel.shape.keyWidth }
  private var N: Int { kernel.shape.samples * kernel.shape.positions }
  private var M: Int { kernel.shape.samples * memory.shape[0] }
  private var precision: NumberFormat { kernel.precision }

  /// Of the projections of queries (0), of keys and values (1), and of outputs (2).
  private func weight(_ part: Int) -> Int { slots[hasBias ? 2 * part : part] }
  private func bias(_ part: Int) -> Int? { hasBias ? slots[2 * part + 1] : nil }

  var workspace: Workspace {
    Workspace(
      saved: saved.end + adapters.count, forward: kernel.forwardScratch + (roundsLater ? max(N * D, M * KV) : 0),
      backward: during.end + adapters.scratch)
  }

  /// Whether Q, K and V are floats at first, which adapters add to, and are rounded then.
  private var roundsLater: Bool { adapters.areOfInputs && precision != .float32 }

  /// From forward to backward: Q (N×D) and behind it [K V] (M×2K), the heads' outputs side by side (N×D), statistics, and behind them
  /// what adapters keep.
  private var saved: (qkv: Range<Int>, outputs: Range<Int>, statistics: Range<Int>, end: Int) {
    let (qkv, outputs) = (
      precision.floats(kernel.shape.projectionCount), precision.floats(kernel.shape.outputCount)
    )
    let end = qkv + outputs + kernel.shape.statisticsCount
    return (0..<qkv, qkv..<qkv + outputs, qkv + outputs..<end, end)
  }

  /// During backward: the kernel's scratch, and the gradients of [Q K V] and of the heads' outputs.
  private var during: (scratch: Range<Int>, qkv: Range<Int>, outputs: Range<Int>, end: Int) {
    let scratch = kernel.backwardScratch
    let middle = scratch + kernel.shape.projectionCount
    let end = middle + kernel.shape.outputCount
    return (0..<scratch, scratch..<middle, middle..<end, end)
  }

  private func kept(_ view: FloatView) -> (qkv: TensorView, outputs: TensorView) {
    (
      TensorView(view[saved.qkv], precision, count: kernel.shape.projectionCount),
      TensorView(view[saved.outputs], precision, count: kernel.shape.outputCount)
    )
  }

  private func pass(_ lane: borrowing Lane) -> AttentionPass {
    AttentionPass(lane, lengths: lengths, memoryLengths: memory.lengths, dropout: dropout, layer: index)
  }

  func forward(_ lane: borrowing Lane) {
    let view = lane.saved[index]
    let (qkv, heads) = kept(view)
    project(lane, 0, lane.tensor(x), columns: D, into: qkv[0..<N * D], rows: N)
    project(lane, 1, lane.tensor(memory.place), columns: E, into: qkv[N * D..<qkv.count], rows: M)
    kernel.forward(
      qkv, pass: pass(lane), into: heads, statistics: view[saved.statistics], scratch: lane.forwardScratch[index])
    project(lane, 2, heads, columns: D, into: lane.tensor(y), rows: N)
  }

  private func project(
    _ lane: borrowing Lane, _ part: Int, _ input: TensorView, columns: Int, into output: TensorView, rows: Int
  ) {
    let units = output.count / rows
    let W = Matrix(lane.parameters[weight(part)], rows: units, columns: columns)
    let sums =
      roundsLater && !output.isFloat
      ? .float32(lane.forwardScratch[index][kernel.forwardScratch..<kernel.forwardScratch + output.count]) : output
    Kernels.multiply(
      Matrix(input, rows: rows, columns: columns), W.transposed, into: Matrix(sums, rows: rows, columns: units),
      in: precision, bias: bias(part).map { lane.parameters[$0] },
      packed: lane.packed(weight(part), isTransposed: true))
    if case .float32(let sums) = sums {
      let kept = lane.saved[index][saved.end..<saved.end + adapters.count]
      for (projection, y) in parts(part, of: sums, rows: rows) {
        adapters.forward(projection, lane, input, into: y, saved: kept)
      }
    }
    if roundsLater, !output.isFloat { Kernels.copy(sums, into: output) }
  }

  /// The projections of a slot, with their columns of its rows.
  private func parts(_ part: Int, of view: FloatView, rows: Int) -> [(AttentionProjection, Matrix)] {
    let units = view.count / rows
    guard part == 1 else { return [(part == 0 ? .query : .output, Matrix(view, rows: rows, columns: units))] }
    return [AttentionProjection.key, .value].enumerated().map { place, projection in
      let first = place * units / 2
      return (projection, Matrix(view[first..<view.count], rows: rows, columns: units / 2, stride: units))
    }
  }

  func backward(_ lane: borrowing Lane) {
    let (view, scratch) = (lane.saved[index], lane.backwardScratch[index])
    let (qkv, heads) = kept(view)
    let (dqkv, dheads) = (scratch[during.qkv], scratch[during.outputs])
    projectBackward(lane, 2, lane.gradient(y), of: heads, columns: D, into: .float32(dheads), rows: N)
    kernel.backward(
      dheads, qkv: qkv, statistics: view[saved.statistics], pass: pass(lane), into: dqkv,
      scratch: scratch[during.scratch])
    projectBackward(
      lane, 0, .float32(dqkv[0..<N * D]), of: lane.tensor(x), columns: D,
      into: wantsInputGradient ? lane.gradient(x) : nil, rows: N)
    projectBackward(
      lane, 1, .float32(dqkv[N * D..<dqkv.count]), of: lane.tensor(memory.place), columns: E,
      into: memory.wantsGradient ? lane.gradient(memory.place) : nil, rows: M)
  }

  /// Overwrites the gradients of a projection's slots, and of its input where it is given.
  private func projectBackward(
    _ lane: borrowing Lane, _ part: Int, _ gradient: TensorView, of input: TensorView, columns: Int,
    into inputGradient: TensorView?, rows: Int
  ) {
    let units = gradient.count / rows
    let dy = Matrix(gradient, rows: rows, columns: units)
    if lane.learns(weight(part)) || (bias(part).map { lane.learns($0) } ?? false) {
      let dW = Matrix(lane.parameterGradients[weight(part)], rows: units, columns: columns)
      Kernels.multiply(
        dy.transposed, Matrix(input, rows: rows, columns: columns), into: dW, in: precision,
        rowSums: bias(part).map { Kernels.RowSums(lane.parameterGradients[$0]) })
    }
    if let inputGradient {
      let W = Matrix(lane.parameters[weight(part)], rows: units, columns: columns)
      Kernels.multiply(
        dy, W, into: Matrix(inputGradient, rows: rows, columns: columns), in: precision,
        packed: lane.packed(weight(part), isTransposed: false))
    }
    guard adapters.count > 0, case .float32(let gradient) = gradient else { return }
    let kept = lane.saved[index][saved.end..<saved.end + adapters.count]
    let own = lane.backwardScratch[index][during.end..<during.end + adapters.scratch]
    var floats: FloatView?
    if case .float32(let view) = inputGradient { floats = view }
    for (projection, dy) in parts(part, of: gradient, rows: rows) {
      adapters.backward(projection, lane, dy, of: input, saved: kept, scratch: own, into: floats)
    }
  }
}

extension BoundCrossAttention: IntegerOperands {
  func operand(of product: Int, _ lane: borrowing Lane) -> FloatView {
    switch product {
    case 0: lane.values[x]
    case 1: lane.values[memory.place]
    default: lane.saved[index][saved.outputs]
    }
  }
}

extension BoundCrossAttention: WeightProductLayer {
  var weightProducts: [WeightProduct] {
    let all: [(part: Int, rows: Int, columns: Int, isTransposed: Bool, isWanted: Bool, otherRows: Int)] = [
      (0, D, D, true, true, N), (0, D, D, false, wantsInputGradient, N), (1, KV, E, true, true, M),
      (1, KV, E, false, memory.wantsGradient, M), (2, D, D, true, true, N), (2, D, D, false, true, N),
    ]
    return all.filter { $0.isWanted }.map {
      WeightProduct(
        slot: weight($0.part), rows: $0.rows, columns: $0.columns, isTransposed: $0.isTransposed,
        otherRows: $0.otherRows)
    }
  }
}

extension CrossAttention: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    let heads = try settings.int("heads", in: 1...(1 << 16))
    self.init(
      heads: heads, bias: try settings.bool("bias", default: true),
      initialiser: try settings.initialiser(default: "glorot"), keyHeads: try settings.keyHeads(of: heads),
      dropout: try settings.double("dropout", default: 0, in: 0..<1))
  }
}
