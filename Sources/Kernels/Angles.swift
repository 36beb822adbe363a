import CKernels
import Tensors

// T positions, d columns of a head, or D of a position.

/// The angles t · base^(-2j / columns) of positions t and pairs of columns j, as their cosines and sines.
///
/// Computed in double precision by additions and multiplications alone, so that their floats are the same everywhere.
package struct Angles: Sendable {
  /// T × columns / 2 each.
  package let cosines: FlatBuffer
  package let sines: FlatBuffer

  /// Of `positions` from 0 on; `columns` is even.
  package init(positions: Int, columns: Int, base: Double) {
    precondition(columns > 0 && columns.isMultiple(of: 2), "\(columns) columns are no pairs")
    precondition(base >= 1, "a base of at least 1, found \(base)")
    let half = columns / 2
    (cosines, sines) = (FlatBuffer(count: positions * half), FlatBuffer(count: positions * half))
    let logarithm = ck_log(base) / 0.6931471805599453
    for pair in 0..<half {
      let turns = Self.power(-Double(2 * pair) / Double(columns) * logarithm) / 6.283185307179586
      for position in 0..<positions {
        let (sine, cosine) = Self.turn(Double(position) * turns)
        cosines.view[position * half + pair] = Float(cosine)
        sines.view[position * half + pair] = Float(sine)
      }
    }
  }

  /// Two to the power of x.
  private static func power(_ x: Double) -> Double {
    let whole = x.rounded()
    let y = (x - whole) * 0.6931471805599453
    // The next term is below 2⁻⁶⁰.
    var sum = 1.0
    for n in stride(from: 15, through: 1, by: -1) { sum = 1 + sum * y / Double(n) }
    return Double(sign: .plus, exponent: Int(whole), significand: 1) * sum
  }

  /// Sine and cosine of so many turns: by the nearest quarter, and Taylor's series within ±π/4 of it.
  private static func turn(_ turns: Double) -> (sine: Double, cosine: Double) {
    let quarters = ((turns - turns.rounded(.down)) * 4).rounded()
    let x = (turns - turns.rounded(.down) - quarters / 4) * 6.283185307179586, square = x * x
    var (sine, cosine) = (0.0, 0.0)
    for n in stride(from: 8, through: 1, by: -1) {
      sine = (1 + sine) * -square / Double((2 * n) * (2 * n + 1))
      cosine = (1 + cosine) * -square / Double((2 * n - 1) * (2 * n))
    }
    let (s, c) = (x * (1 + sine), 1 + cosine)
    return switch Int(quarters) % 4 {
    case 0: (s, c)
    case 1: (c, -s)
    case 2: (-s, -c)
    default: (-c, s)
    }
  }
}

extension Angles {
  /// Turns columns j and j + d / 2 of each head of rows by the angle of their position, or `back`; rows of all samples, T of each, `width`
  /// numbers apart, begin with `heads` heads. Su et al.: *RoFormer* (2021), with the pairs of LLaMA.
  ///
  /// Of one sample the rows may be some, the first of which is position `first`.
  package func rotate(
    _ rows: TensorView, width: Int, heads: Int, positions: Int, first: Int = 0, back: Bool = false
  ) {
    let (half, count) = (cosines.count / positions, rows.count / width)
    precondition(rows.count == count * width && heads * 2 * half <= width, "\(rows.count) numbers in rows of \(width)")
    Crew.split(
      count, cost: count * heads * half / 4,
      over: (
        self, rows.base, rows.isFloat,
        (width, heads, positions, first, half, back ? 1 : 0) as (Int, Int, Int, Int, Int, Int32)
      )
    ) { task, part in
      let (angles, base, areFloats, (width, heads, positions, first, half, back)) = task
      var row = part.lowerBound
      while row < part.upperBound {
        let position = (first + row) % positions
        let count = min(part.upperBound - row, positions - position)
        let (cosines, sines) = (angles.cosines.view.base + position * half, angles.sines.view.base + position * half)
        if areFloats {
          ck_rotate(
            base.assumingMemoryBound(to: Float.self) + row * width, Int64(count), Int64(width), Int64(heads),
            Int64(2 * half), cosines, sines, back)
        } else {
          ck_bfloat16_rotate(
            base.assumingMemoryBound(to: UInt16.self) + row * width, Int64(count), Int64(width), Int64(heads),
            Int64(2 * half), cosines, sines, back)
        }
        row += count
      }
    }
  }
}
