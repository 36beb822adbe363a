/// Functions whose bits are defined by the additions and multiplications written here, not by a library.
package enum PortableMath {
  /// sign(x) · ln(1 + |x|), to about one unit in the last place.
  static func signedLog1p(_ x: Double) -> Double {
    let value = log1p(abs(x))
    return x < 0 ? -value : value
  }

  /// ln(1 + x) of x ≥ 0: with 1 + x = 2ᵏ·m, m in √½...√2, and s = (m - 1)/(m + 1), ln m = 2·atanh s.
  private static func log1p(_ x: Double) -> Double {
    let y = 1 + x
    // What the addition rounded away, in proportion (Kahan).
    let lost = y.isFinite && y < 0x1p53 ? (x - (y - 1)) / y : 0
    var (k, m) = (y.exponent, y.significand)
    if m > 1.4142135623730951 { (k, m) = (k + 1, m / 2) }
    let s = (m - 1) / (m + 1), s2 = s * s
    // s²ⁿ / (2n + 1), from the smallest term on.
    var sum = 0.0
    for n in stride(from: 12, through: 1, by: -1) { sum = s2 * (sum + 1 / Double(2 * n + 1)) }
    return Double(k) * 0.6931471805599453 + (2 * s + 2 * s * sum + lost)
  }

  /// The coefficients of x²ⁿ in sin(x)/x - 1 and in cos(x) - 1, n from 8 down to 1.
  package static let taylor: [(Double, Double)] = (1...8).reversed().map { n in
    let factorial = (1...2 * n).reduce(1.0) { $0 * Double($1) }
    let sign: Double = n % 2 == 0 ? 1 : -1
    return (sign / (factorial * Double(2 * n + 1)), sign / factorial)
  }

  /// sin and cos of 2π·t, of each of eight: by the eighth that t lies in, and Taylor's series there.
  static func turn(_ t: SIMD8<Double>) -> (sin: SIMD8<Double>, cos: SIMD8<Double>) {
    let t = t - t.rounded(.down), place = t * 4
    // The nearest quarter, 0...4, halves up.
    var quarter = SIMD8<Double>(repeating: 0)
    for bound in [0.5, 1.5, 2.5, 3.5] { quarter.replace(with: quarter + 1, where: place .>= bound) }
    let x = (t - quarter / 4) * 6.283185307179586, x2 = x * x
    // x is within ±π/4, so that the next terms are below 2⁻⁶⁰.
    var (sine, cosine) = (SIMD8<Double>(repeating: 0), SIMD8<Double>(repeating: 0))
    for (a, b) in taylor {
      sine = x2 * (a + sine)
      cosine = x2 * (b + cosine)
    }
    let (s, c) = (x + x * sine, 1 + cosine)
    let (first, second, third) = (quarter .== 1, quarter .== 2, quarter .== 3)
    let swaps = first .| third
    var (sin, cos) = (s.replacing(with: c, where: swaps), c.replacing(with: s, where: swaps))
    // Not -sin, which is 0 - sin there, and has no negative 0.
    sin.replace(with: sin * -1, where: second .| third)
    cos.replace(with: cos * -1, where: first .| second)
    return (sin, cos)
  }
}
