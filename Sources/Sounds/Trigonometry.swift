import CKernels

/// Functions of double precision whose bits are defined by polynomials of our own.
enum Trigonometry {
  /// cos(π·x) of a finite x ≥ 0.
  static func cosine(pi x: Double) -> Double {
    let turn = x.truncatingRemainder(dividingBy: 2)
    return ck_cos_pi(turn > 1 ? 2 - turn : turn)
  }

  /// sin(π·x) of a finite x ≥ 0.
  static func sine(pi x: Double) -> Double { x >= 0.5 ? cosine(pi: x - 0.5) : cosine(pi: 0.5 - x) }

  /// The modified Bessel function of the first kind and order 0, by its series (Abramowitz, Stegun 9.6.12).
  static func bessel(_ x: Double) -> Double {
    let quarter = x * x / 4
    var (sum, term, k) = (1.0, 1.0, 1.0)
    while term > sum * 0x1p-60 {
      term *= quarter / (k * k)
      sum += term
      k += 1
    }
    return sum
  }
}
