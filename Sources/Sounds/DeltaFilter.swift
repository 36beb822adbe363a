/// Rates of change along time, of straight lines or parabolas that are fitted to nine frames each (Savitzky, Golay 1964); the first and
/// the last four frames have the rate of the nearest nine: librosa's `feature.delta`.
struct DeltaFilter {
  static let width = 9
  private static let reach = 4
  /// 1 for the slope, 2 for the second derivative.
  let order: Int

  /// For offsets k, -4...4: Σ k·x / 60; and twice the square coefficient of a parabola, Σ (3k² - 20)·x / 462.
  private var weights: [Double] {
    (-Self.reach...Self.reach).map { k -> Double in
      let (slope, bend) = (Double(k), Double(3 * k * k - 20))
      return order == 1 ? slope / 60 : bend / 462
    }
  }

  /// Overwrites F numbers each `stride` floats of `out` with what T×F numbers change by; sums in double precision, from the first frame.
  func apply(
    to x: UnsafePointer<Float>, _ T: Int, _ F: Int, into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let weights = weights
    for t in 0..<T {
      let first = min(max(t - Self.reach, 0), T - Self.width)
      for f in 0..<F {
        var sum = 0.0
        for (k, weight) in weights.enumerated() { sum += weight * Double(x[(first + k) * F + f]) }
        out[t * stride + f] = Float(sum)
      }
    }
  }
}
