import CKernels
import Tensors

// B samples of T positions of C features. `lengths` (B) says how many positions of each sample are real; nil: all.

extension Kernels {
  /// Overwrites `y` (B×C) with the mean over the real positions of `x` (B×T×C), 0 of none.
  package static func meanPositions(
    _ x: FloatView, lengths: UnsafePointer<Int32>?, samples: Int, positions: Int, into y: FloatView
  ) {
    let (B, C) = extents(x, y, samples: samples, positions: positions)
    ck_mean_positions(y.base, x.base, lengths, B, Int64(positions), C)
  }

  /// Overwrites `dx` (B×T×C) with its gradient, 0 behind the real positions.
  package static func meanPositionsBackward(
    _ dy: FloatView, lengths: UnsafePointer<Int32>?, samples: Int, positions: Int, into dx: FloatView
  ) {
    let (B, C) = extents(dx, dy, samples: samples, positions: positions)
    ck_mean_positions_backward(dx.base, dy.base, lengths, B, Int64(positions), C)
  }

  /// Overwrites `y` (B×C) with the largest of the real positions of `x` (B×T×C), 0 of none, and `places` (B×C) for the backward pass.
  package static func maxPositions(
    _ x: FloatView, lengths: UnsafePointer<Int32>?, samples: Int, positions: Int, places: FloatView, into y: FloatView
  ) {
    let (B, C) = extents(x, y, samples: samples, positions: positions)
    ck_max_positions(y.base, numbers(places, y.count), x.base, lengths, B, Int64(positions), C)
  }

  /// Overwrites `dx` (B×T×C): the gradient where the largest was, else 0.
  package static func maxPositionsBackward(
    _ dy: FloatView, places: FloatView, samples: Int, positions: Int, into dx: FloatView
  ) {
    let (B, C) = extents(dx, dy, samples: samples, positions: positions)
    ck_max_positions_backward(dx.base, dy.base, numbers(places, dy.count), B, Int64(positions), C)
  }

  /// B and C, of B×T×C floats and B×C.
  private static func extents(_ x: FloatView, _ y: FloatView, samples: Int, positions: Int) -> (Int64, Int64) {
    precondition(
      samples > 0 && y.count.isMultiple(of: samples) && x.count == positions * y.count,
      "\(x.count) floats of \(samples) samples of \(positions) positions, \(y.count) of rows")
    return (Int64(samples), Int64(y.count / samples))
  }

  private static func numbers(_ places: FloatView, _ count: Int) -> UnsafeMutablePointer<Int32> {
    precondition(places.count >= count, "\(places.count) places for \(count)")
    return UnsafeMutableRawPointer(places.base).assumingMemoryBound(to: Int32.self)
  }
}
