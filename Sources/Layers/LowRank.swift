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
  package let rank: Int
  /// α; what A and B add is multiplied by α / r.
  package let alpha: Double
  package let dropout: Double

  /// Beside `base`, with `rank` columns of B; `dropout` in 0..<1.
  public init(beside base: Dense, rank: Int, alpha: Double, dropout: Double = 0) {
    precondition(rank > 0 && (0..<1).contains(dropout), "a rank of \(rank), a dropout of \(dropout)")
    (self.base, self.rank, self.alpha, self.dropout) = (base, rank, alpha, dropout)
  }

  /// α / r
  package var scale: Float { Float(alpha / Double(rank)) }

  public func outputShape(for input: Shape) throws -> Shape { try base.outputShape(for: input) }

  /// Those of the dense layer, then A and B.
  public func parameters(for input: Shape) -> [Parameter] {
    let (I, O) = (input.extents.last!, base.units)
    return base.parameters(for: input) + [
      Parameter("lora_A.weight", [rank, I], .kaimingUniform, fanIn: I, fanOut: rank, axes: [.inner, .input]),
      Parameter("lora_B.weight", [O, rank], .zeros, fanIn: rank, fanOut: O, axes: [.output, .inner]),
    ]
  }

  public var backwardReads: BackwardReads { .input }
  public var featureFlow: FeatureFlow { .made }
  public var keepsPositions: Bool { base.keepsPositions }
  public func lastRead(at position: Int, of input: Shape) -> Int { base.lastRead(at: position, of: input) }

  public func multiplyAdds(for input: Shape) -> Int {
    let rows = input.count / input.extents.last!
    return base.multiplyAdds(for: input) + rows * rank * (input.extents.last! + base.units)
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    let (I, count) = (binding.inputShape.extents.last!, binding.slots.count - 2)
    return BoundLowRank(
      base: base.bind(binding.with(slots: Array(binding.slots.prefix(count)))), x: binding.input, y: binding.output,
      A: binding.slots[count], B: binding.slots[count + 1], index: binding.index,
      N: binding.microBatch * binding.inputShape.count / I, I: I, O: base.units, r: rank,
      samples: binding.microBatch, scale: scale, dropout: dropout, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundLowRank: BoundLayer {
  let base: any BoundLayer
  let x: Int, y: Int, A: Int, B: Int, index: Int
  let N: Int, I: Int, O: Int, r: Int
  let samples: Int
  let scale: Float
  let dropout: Double
  let wantsInputGradient: Bool

  /// u = (α/r)·x Aᵀ, N×r, and with dropout what A reads, N×I; backward the gradients of both.
  var workspace: Workspace {
    let dropped = dropout > 0 ? N * I : 0
    return Workspace(saved: N * r + dropped, backward: N * r + dropped)
  }

  func forward(_ lane: borrowing Lane) {
    base.forward(lane)
    let u = matrix(lane.saved[index][0..<N * r], columns: r)
    Kernels.multiply(input(lane), matrix(lane.parameters[A], columns: I).transposed, into: u)
    multiply(lane.saved[index][0..<N * r])
    Kernels.multiply(
      u, matrix(lane.parameters[B], columns: r).transposed, into: matrix(lane.values[y], columns: O), adds: true,
      in: .float32)
  }

  func backward(_ lane: borrowing Lane) {
    base.backward(lane)
    let (dy, u) = (matrix(lane.gradients[y], columns: O), matrix(lane.saved[index][0..<N * r], columns: r))
    Kernels.multiply(dy.transposed, u, into: matrix(lane.parameterGradients[B], columns: r))
    let du = matrix(lane.backwardScratch[index][0..<N * r], columns: r)
    Kernels.multiply(dy, matrix(lane.parameters[B], columns: r), into: du)
    multiply(lane.backwardScratch[index][0..<N * r])
    Kernels.multiply(du.transposed, read(lane), into: matrix(lane.parameterGradients[A], columns: I))
    guard wantsInputGradient else { return }
    let weight = matrix(lane.parameters[A], columns: I)
    guard dropout > 0 else {
      return Kernels.multiply(du, weight, into: matrix(lane.gradients[x], columns: I), adds: true, in: .float32)
    }
    let dropped = lane.backwardScratch[index][N * r..<N * (r + I)]
    Kernels.multiply(du, weight, into: matrix(dropped, columns: I))
    draw(lane, dropped, into: dropped)
    Kernels.add(lane.gradients[x], dropped, into: lane.gradients[x])
  }

  private func matrix(_ view: FloatView, columns: Int) -> Matrix {
    Matrix(view, rows: view.count / columns, columns: columns)
  }

  /// What A reads, made anew in training with dropout.
  private func input(_ lane: borrowing Lane) -> Matrix {
    if dropout > 0, case .training = lane.mode {
      draw(lane, lane.values[x], into: lane.saved[index][N * r..<N * (r + I)])
    }
    return read(lane)
  }

  private func read(_ lane: borrowing Lane) -> Matrix {
    guard dropout > 0, case .training = lane.mode else { return matrix(lane.values[x], columns: I) }
    return matrix(lane.saved[index][N * r..<N * (r + I)], columns: I)
  }

  private func multiply(_ view: FloatView) { for place in 0..<view.count { view[place] *= scale } }

  /// As `Dropout` does it.
  private func draw(_ lane: borrowing Lane, _ source: FloatView, into target: FloatView) {
    guard case .training(let step, let firstPosition) = lane.mode else { return target.assign(source) }
    let width = source.count / samples
    for row in 0..<samples {
      let range = row * width..<(row + 1) * width
      Kernels.dropout(
        .float32(source[range]), rate: dropout, random: lane.random, layer: index, position: firstPosition + row,
        step: step, into: .float32(target[range]))
    }
  }
}

extension Dense {
  /// The same layer, trained, with what an adapter adds to its weights: W + (α/r)·B·A, of float64 sums, rounded once.
  package static func merge(_ weight: FloatView, A: FloatView, B: FloatView, rank: Int, scale: Float) {
    let (O, I) = (B.count / rank, A.count / rank)
    precondition(weight.count == O * I, "\(weight.count) weights for \(O)×\(I)")
    for o in 0..<O {
      for i in 0..<I {
        var sum = 0.0
        for k in 0..<rank { sum += Double(B[o * rank + k]) * Double(A[k * I + i]) }
        weight[o * I + i] = Float(Double(weight[o * I + i]) + Double(scale) * sum)
      }
    }
  }
}
