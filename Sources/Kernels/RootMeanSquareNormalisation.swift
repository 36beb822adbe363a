import CKernels
import Tensors

// N rows of D columns.

extension Kernels {
  /// Overwrites `y` with x / √(mean(x²) + ε) · γ, row by row, and `inverses` (N) with 1 / √(mean(x²) + ε).
  ///
  /// Zhang, Sennrich: *Root mean square layer normalization* (NeurIPS 2019). `y` may be of bfloat16 numbers, which are rounded once.
  package static func rmsNorm(
    _ x: FloatView, gamma: FloatView, epsilon: Float, inverses: FloatView, into y: TensorView
  ) {
    let (D, N) = (gamma.count, inverses.count)
    precondition(
      x.count == N * D && y.count == x.count, "\(x.count) inputs, \(y.count) outputs, \(D) scales, \(N) rows")
    let ends = (y: y.base, size: y.precision.size, isFloat: y.isFloat ? 1 : 0 as Int32, x: x.base)
    Crew.split(N, cost: x.count / 2, over: (ends, inverses.base, gamma.base, D, epsilon)) { task, part in
      let (ends, inverses, gamma, D, epsilon) = task
      let first = part.lowerBound * D
      ck_rms_norm_forward(
        ends.y + first * ends.size, ends.isFloat, inverses + part.lowerBound, ends.x + first, gamma,
        Int64(part.count), Int64(D), epsilon)
    }
  }

  /// Overwrites `dgamma` (D), sums over rows, ascending, and `dx` where it is given, which is neither `dy` nor `x`.
  package static func rmsNormBackward(
    _ dy: TensorView, x: FloatView, gamma: FloatView, inverses: FloatView, dgamma: FloatView, into dx: FloatView?
  ) {
    let (D, N) = (gamma.count, inverses.count)
    precondition(
      x.count == N * D && dy.count == x.count && (dx?.count ?? x.count) == x.count && dgamma.count == D,
      "\(x.count) inputs, \(dy.count) gradients, \(dgamma.count) sums")
    let up = (base: dy.base, size: dy.precision.size, isFloat: dy.isFloat ? 1 : 0 as Int32)
    Crew.split(
      D, cost: x.count / 4, unit: columnUnit, over: (dgamma.base, up, x.base, inverses.base, N, D)
    ) { task, part in
      let (dgamma, up, x, inverses, N, D) = task
      let first = part.lowerBound
      ck_rms_norm_sums(
        dgamma + first, up.base + first * up.size, up.isFloat, x + first, inverses, Int64(N), Int64(D),
        Int64(part.count))
    }
    guard let dx else { return }
    Crew.split(N, cost: x.count / 2, over: (dx.base, up, x.base, inverses.base, gamma.base, D)) { task, part in
      let (dx, up, x, inverses, gamma, D) = task
      let first = part.lowerBound * D
      ck_rms_norm_rows(
        dx + first, up.base + first * up.size, up.isFloat, x + first, inverses + part.lowerBound, gamma,
        Int64(part.count), Int64(D))
    }
  }
}
