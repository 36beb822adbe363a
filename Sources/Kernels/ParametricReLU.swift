import CKernels
import Tensors

// R rows of C channels, a slope each.

extension Kernels {
  /// Overwrites `y` with x where it is above 0, else its channel's slope times x; `y` may be `x`.
  ///
  /// Tensors of one call are of the same numbers; what is of bfloat16 numbers is computed in floats and rounded once.
  package static func prelu(_ x: TensorView, slopes: FloatView, into y: TensorView) {
    let C = slopes.count
    precondition(x.count == y.count && x.count % C == 0, "\(x.count) inputs, \(y.count) outputs, \(C) slopes")
    Crew.split(x.count / C, cost: x.count / 8, over: (y, x, slopes.base, C)) { task, part in
      let (y, x, slopes, C) = task
      let (own, R) = (part.lowerBound * C..<part.upperBound * C, Int64(part.count))
      switch (y[own], x[own]) {
      case (.bfloat16(let y), .bfloat16(let x)): ck_bfloat16_prelu_forward(y.base, x.base, slopes, R, Int64(C))
      case (let y, let x): ck_prelu_forward(y.floats, x.floats, slopes, R, Int64(C))
      }
    }
  }

  /// Overwrites `dx`, where given, which may be `dy`, and `dslopes`: the sums of dy · x over what is not above 0, 32 rows at a time in
  /// float and these in double; of one slope for all channels their sum, ascending. `scratch` holds 2C floats.
  package static func preluBackward(
    _ dy: TensorView, x: TensorView, slopes: FloatView, dslopes: FloatView, into dx: TensorView?, scratch: FloatView
  ) {
    let (C, R) = (slopes.count, x.count / slopes.count)
    precondition(
      dy.count == x.count && x.count == R * C && (dx?.count ?? x.count) == x.count && scratch.count >= 2 * C
        && (dslopes.count == C || dslopes.count == 1),
      "\(dy.count) gradients of \(x.count) inputs, \(C) slopes, \(dslopes.count) of their gradients")
    let sums = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: Double.self)
    switch (dy, x) {
    case (.bfloat16(let dy), .bfloat16(let x)): ck_bfloat16_prelu_sums(sums, dy.base, x.base, Int64(R), Int64(C))
    case (let dy, let x): ck_prelu_sums(sums, dy.floats, x.floats, Int64(R), Int64(C))
    }
    if dslopes.count == C {
      for c in 0..<C { dslopes[c] = Float(sums[c]) }
    } else {
      dslopes[0] = Float((0..<C).reduce(0) { $0 + sums[$1] })
    }
    guard let dx else { return }
    Crew.split(R, cost: x.count / 8, over: (dx, dy, x, slopes.base, C)) { task, part in
      let (dx, dy, x, slopes, C) = task
      let (own, R) = (part.lowerBound * C..<part.upperBound * C, Int64(part.count))
      switch (dx[own], dy[own], x[own]) {
      case (.bfloat16(let dx), .bfloat16(let dy), .bfloat16(let x)):
        ck_bfloat16_prelu_backward(dx.base, dy.base, x.base, slopes, R, Int64(C))
      case (let dx, let dy, let x): ck_prelu_backward(dx.floats, dy.floats, x.floats, slopes, R, Int64(C))
      }
    }
  }
}
