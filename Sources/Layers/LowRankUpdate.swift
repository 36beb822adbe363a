import Kernels
import Tensors

// N rows, I inputs, O outputs, r rank. A is r×I, B is O×r.

/// How adapters of low rank are made: `(α/r) · B (A x)`, dropout being of what A reads.
package struct LowRankForm: Sendable, Hashable {
  package let rank: Int
  /// α; what A and B add is multiplied by α / r.
  package let alpha: Double
  package let dropout: Double

  /// α / r
  package var scale: Float { Float(alpha / Double(rank)) }

  /// A and B, with the names and starting values of PEFT behind `prefix`.
  func parameters(_ prefix: String = "", inputs I: Int, outputs O: Int, axes: Bool = false) -> [Parameter] {
    [
      Parameter(
        "\(prefix)lora_A.weight", [rank, I], .kaimingUniform, fanIn: I, fanOut: rank,
        axes: axes ? [.inner, .input] : []),
      Parameter(
        "\(prefix)lora_B.weight", [O, rank], .zeros, fanIn: rank, fanOut: O, axes: axes ? [.output, .inner] : []),
    ]
  }
}

/// Where A and B of an adapter stand, and beside which weights.
package struct PlacedAdapter: Sendable {
  /// What the names of A and B begin with, `2.0` or `2.0.q_proj`: a linear layer of PEFT's.
  package let path: String
  /// The name of the weight that it adds to, `2.0.weight`, and the first of its rows.
  package let weight: String
  package let firstRow: Int
  /// Places in the layout's slots.
  package let A: Int
  package let B: Int
  package let form: LowRankForm
}

/// A layer with adapters in it.
protocol AdaptedLayer: Layer {
  /// They, where it stands at `path` and has `slots` of `layout`.
  func adapters(at path: String, slots: [Int], of layout: ParameterLayout) -> [PlacedAdapter]
}

/// `y += (α/r) · B (A x)` in a lane, forward and backward, inside of a layer that has y and x.
struct BoundLowRankUpdate: Sendable {
  /// Places of A and B.
  let A: Int, B: Int
  let N: Int, I: Int, O: Int
  let samples: Int
  let form: LowRankForm
  /// What it draws with, as the layer's number.
  let key: Int

  private var r: Int { form.rank }

  /// Floats from forward to backward: u = (α/r)·x Aᵀ, N×r, and with dropout what A reads, N×I; as many in backward for the gradients
  /// of both.
  var count: Int { N * r + (form.dropout > 0 ? N * I : 0) }

  /// Adds to y, whose rows may be columns of wider ones; x has the same rows.
  func forward(_ lane: borrowing Lane, _ x: TensorView, rows: Rows = .all, into y: Matrix, saved: FloatView) {
    let u = rows.of(saved[0..<N * r])
    var x = x
    if form.dropout > 0, case .training = lane.mode {
      let dropped = TensorView.float32(saved[N * r..<N * (r + I)])
      draw(lane, x, into: dropped)
      x = dropped
    }
    Kernels.multiply(
      matrix(x, columns: I), matrix(lane.parameters[A], columns: I).transposed, into: matrix(u, columns: r),
      in: x.precision)
    multiply(u)
    Kernels.multiply(
      matrix(u, columns: r), matrix(lane.parameters[B], columns: r).transposed, into: y, adds: true, in: .float32)
  }

  /// Overwrites the gradients of A and B, and adds to that of x where it is given.
  func backward(
    _ lane: borrowing Lane, _ dy: Matrix, of x: TensorView, saved: FloatView, scratch: FloatView, into dx: FloatView?
  ) {
    let u = saved[0..<N * r], du = scratch[0..<N * r]
    Kernels.multiply(
      dy.transposed, matrix(u, columns: r), into: matrix(lane.parameterGradients[B], columns: r))
    Kernels.multiply(dy, matrix(lane.parameters[B], columns: r), into: matrix(du, columns: r))
    multiply(du)
    let read = hasDropped(lane) ? .float32(saved[N * r..<N * (r + I)]) : x
    Kernels.multiply(
      matrix(du, columns: r).transposed, matrix(read, columns: I), into: matrix(lane.parameterGradients[A], columns: I),
      in: read.precision)
    guard let dx else { return }
    let weight = matrix(lane.parameters[A], columns: I)
    guard form.dropout > 0 else {
      return Kernels.multiply(
        matrix(du, columns: r), weight, into: matrix(dx, columns: I), adds: true, in: .float32)
    }
    let dropped = scratch[N * r..<N * (r + I)]
    Kernels.multiply(matrix(du, columns: r), weight, into: matrix(dropped, columns: I))
    draw(lane, .float32(dropped), into: .float32(dropped))
    Kernels.add(dx, dropped, into: dx)
  }

  private func matrix(_ view: FloatView, columns: Int) -> Matrix {
    Matrix(view, rows: view.count / columns, columns: columns)
  }

  private func matrix(_ view: TensorView, columns: Int) -> Matrix {
    Matrix(view, rows: view.count / columns, columns: columns)
  }

  private func hasDropped(_ lane: borrowing Lane) -> Bool {
    guard form.dropout > 0, case .training = lane.mode else { return false }
    return true
  }

  private func multiply(_ view: FloatView) {
    let scale = form.scale
    for place in 0..<view.count { view[place] *= scale }
  }

  /// As `Dropout` does it; copies in evaluation.
  private func draw(_ lane: borrowing Lane, _ source: TensorView, into target: TensorView) {
    guard case .training(let step, let firstPosition) = lane.mode else { return Kernels.copy(source, into: target) }
    let width = source.count / samples
    for row in 0..<samples {
      let range = row * width..<(row + 1) * width
      Kernels.dropout(
        source[range], rate: form.dropout, random: lane.random, layer: key, position: firstPosition + row, step: step,
        into: target[range])
    }
  }
}
