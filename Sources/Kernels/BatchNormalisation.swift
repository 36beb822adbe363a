import CKernels
import Tensors

// R rows (positions of all present samples), C channels. μ mean, σ² variance divided by R, ε epsilon, inverse 1/√(σ² + ε).

/// The loops of batch normalisation on rows of C channels. Ioffe, Szegedy: *Batch normalization* (ICML 2015).
///
/// Bits are a function of R and C alone, and the same on every host. Tensors of bfloat16 numbers are computed with in floats, and
/// rounded once; those of one call are of the same numbers.
extension Kernels {
  /// Floats of scratch memory that `batchMoments` and `batchNormBackward` need for C channels.
  package static func batchNormScratch(channels C: Int) -> Int { 6 * C }

  /// Overwrites `mean` (C) with μ and `variance` (C) with σ² of the rows of `x` (R×C).
  package static func batchMoments(_ x: TensorView, mean: FloatView, variance: FloatView, scratch: FloatView) {
    let C = mean.count
    precondition(
      x.count % C == 0 && x.count > 0 && variance.count == C && scratch.count >= batchNormScratch(channels: C),
      "\(x.count) floats in rows of \(C), \(variance.count) variances, \(scratch.count) floats of scratch")
    let (sums, R) = (doubles(scratch, C, at: 0), Int64(x.count / C))
    switch x {
    case .float32(let x): ck_batch_moments(mean.base, variance.base, sums, x.base, R, Int64(C))
    case .bfloat16(let x): ck_bfloat16_batch_moments(mean.base, variance.base, sums, x.base, R, Int64(C))
    }
  }

  /// Overwrites `y` (R×C) with `(x - mean) · scale + shift`, these three of C; `y` may be `x`.
  package static func channelAffine(
    _ x: TensorView, mean: FloatView, scale: FloatView, shift: FloatView, into y: TensorView
  ) {
    let C = mean.count
    precondition(
      x.count == y.count && x.count % C == 0 && scale.count == C && shift.count == C,
      "\(x.count) inputs, \(y.count) outputs, rows of \(C), \(scale.count) scales, \(shift.count) shifts")
    let (rows, cost, settings) = (x.count / C, x.count / 8, (mean.base, scale.base, shift.base, C))
    switch (x, y) {
    case (.bfloat16(let x), .bfloat16(let y)):
      Crew.split(rows, cost: cost, over: (y.base, x.base, settings)) { task, part in
        let (mean, scale, shift, C) = task.2
        let first = part.lowerBound * C
        ck_bfloat16_channel_affine(task.0 + first, task.1 + first, mean, scale, shift, Int64(part.count), Int64(C))
      }
    default:
      Crew.split(rows, cost: cost, over: (y.floats, x.floats, settings)) { task, part in
        let (mean, scale, shift, C) = task.2
        let first = part.lowerBound * C
        ck_channel_affine(task.0 + first, task.1 + first, mean, scale, shift, Int64(part.count), Int64(C))
      }
    }
  }

  /// The gradients of `y = (x - μ) · inverse · scale + shift`, μ and inverse being those of the rows themselves.
  ///
  /// Overwrites `dscale` and `dshift` (C), and `dx` (R×C), where given, which may be `dy`.
  package static func batchNormBackward(
    _ dy: TensorView, x: TensorView, mean: FloatView, inverse: FloatView, scale: FloatView, dscale: FloatView,
    dshift: FloatView, dx: TensorView?, scratch: FloatView
  ) {
    let (C, R) = (mean.count, x.count / mean.count)
    precondition(
      dy.count == x.count && x.count == R * C && inverse.count == C && scale.count == C && dscale.count == C
        && dshift.count == C && (dx?.count ?? dy.count) == dy.count && scratch.count >= batchNormScratch(channels: C),
      "\(dy.count) gradients of \(x.count) inputs in rows of \(C), \(scratch.count) floats of scratch")
    let (sums, products) = (doubles(scratch, C, at: 0), doubles(scratch, C, at: 1))
    switch (dy, x) {
    case (.bfloat16(let dy), .bfloat16(let x)):
      ck_bfloat16_batch_norm_sums(sums, products, dy.base, x.base, mean.base, Int64(R), Int64(C))
    default: ck_batch_norm_sums(sums, products, dy.floats, x.floats, mean.base, Int64(R), Int64(C))
    }
    let (a, b) = (scratch[4 * C..<5 * C], scratch[5 * C..<6 * C])
    for c in 0..<C {
      dshift[c] = Float(sums[c])
      dscale[c] = Float(products[c]) * inverse[c]
      a[c] = Float(sums[c] / Double(R))
      b[c] = Float(products[c] / Double(R)) * inverse[c] * inverse[c]
    }
    guard let dx else { return }
    // The factor of what is in brackets, γ / √(σ² + ε), takes the place of sums that are no longer needed.
    let factor = scratch[0..<C]
    for c in 0..<C { factor[c] = scale[c] * inverse[c] }
    switch (dx, dy, x) {
    case (.bfloat16(let dx), .bfloat16(let dy), .bfloat16(let x)):
      ck_bfloat16_batch_norm_backward(
        dx.base, dy.base, x.base, mean.base, factor.base, a.base, b.base, Int64(R), Int64(C))
    default:
      ck_batch_norm_backward(
        dx.floats, dy.floats, x.floats, mean.base, factor.base, a.base, b.base, Int64(R), Int64(C))
    }
  }

  /// The part number `place` of C doubles in memory that is 64-byte aligned.
  private static func doubles(_ scratch: FloatView, _ C: Int, at place: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: Double.self) + place * C
  }
}
