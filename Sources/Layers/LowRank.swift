import Kernels
import Tensors

// N rows, I inputs, O outputs, r rank. W is O×I, A is r×I, B is O×r.

/// A dense layer with an adapter of low rank beside it: `y = W x + b + (α/r) · B (A x)`.
///
/// W and b are those of the dense layer, and meant to be frozen; A and B learn. A starts uniform in ±1/√I, B at zero, so that the first
/// outputs are those of the dense layer. Their names and starting values are those of PEFT: `lora_A.weight`, `lora_B.weight`. Dropout
/// is of what A reads. Hu et al.: *LoRA: low-rank adaptation of large language models* (ICLR 2022).
public struct LowRank: Layer {
  public static let kind = "lora"
  package let base: Dense
  package let form: LowRankForm

  /// Beside `base`, with `rank` columns of B; `dropout` in 0..<1.
  public init(beside base: Dense, rank: Int, alpha: Double, dropout: Double = 0) {
    precondition(rank > 0 && (0..<1).contains(dropout), "a rank of \(rank), a dropout of \(dropout)")
    self.init(beside: base, LowRankForm(rank: rank, alpha: alpha, dropout: dropout))
  }

  init(beside base: Dense, _ form: LowRankForm) { (self.base, self.form) = (base, form) }

  public func outputShape(for input: Shape) throws -> Shape { try base.outputShape(for: input) }

  /// Those of the dense layer, then A and B.
  public func parameters(for input: Shape) -> [Parameter] {
    base.parameters(for: input) + form.parameters(inputs: input.extents.last!, outputs: base.units, axes: true)
  }

  public var backwardReads: BackwardReads { .input }
  public var featureFlow: FeatureFlow { .made }
  public var keepsPositions: Bool { base.keepsPositions }
  public func lastRead(at position: Int, of input: Shape) -> Int { base.lastRead(at: position, of: input) }

  public func multiplyAdds(for input: Shape) -> Int {
    let rows = input.count / input.extents.last!
    return base.multiplyAdds(for: input) + rows * form.rank * (input.extents.last! + base.units)
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    let (I, count) = (binding.inputShape.extents.last!, binding.slots.count - 2)
    return BoundLowRank(
      base: base.bound(binding.with(slots: Array(binding.slots.prefix(count)))), x: binding.input, y: binding.output,
      update: BoundLowRankUpdate(
        A: binding.slots[count], B: binding.slots[count + 1], N: binding.microBatch * binding.inputShape.count / I,
        I: I, O: base.units, samples: binding.microBatch, form: form, key: binding.index),
      index: binding.index, wantsInputGradient: binding.wantsInputGradient)
  }
}

extension LowRank: AdaptedLayer {
  func adapters(at path: String, slots: [Int], of layout: ParameterLayout) -> [PlacedAdapter] {
    [
      PlacedAdapter(
        path: path, weight: "\(path).weight", firstRow: 0, A: slots[slots.count - 2], B: slots[slots.count - 1],
        form: form)
    ]
  }
}

private struct BoundLowRank: RowwiseLayer {
  let base: any RowwiseLayer
  let x: Int, y: Int
  let update: BoundLowRankUpdate
  let index: Int
  let wantsInputGradient: Bool

  var isRowwise: Bool { base.isRowwise }
  var workspace: Workspace { Workspace(saved: update.count, backward: update.count) }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    base.forward(lane, rows: rows)
    let (x, y) = (rows.of(lane.values[x]), rows.of(lane.values[y]))
    update.forward(
      lane, .float32(x), rows: rows, into: Matrix(y, rows: y.count / update.O, columns: update.O),
      saved: lane.saved[index])
  }

  func backward(_ lane: borrowing Lane) {
    base.backward(lane)
    update.backward(
      lane, Matrix(lane.gradients[y], rows: update.N, columns: update.O), of: .float32(lane.values[x]),
      saved: lane.saved[index], scratch: lane.backwardScratch[index],
      into: wantsInputGradient ? lane.gradients[x] : nil)
  }
}

extension FloatView {
  /// Adds (α/r)·B·A to a weight, O×I, of float64 sums, rounded once: what an adapter beside it comes to.
  package func merge(A: FloatView, B: FloatView, _ form: LowRankForm) {
    let rank = form.rank
    let (O, I) = (B.count / rank, A.count / rank)
    precondition(count == O * I, "\(count) weights for \(O)×\(I)")
    for o in 0..<O {
      for i in 0..<I {
        var sum = 0.0
        for k in 0..<rank { sum += Double(B[o * rank + k]) * Double(A[k * I + i]) }
        self[o * I + i] = Float(Double(self[o * I + i]) + Double(form.scale) * sum)
      }
    }
  }
}
