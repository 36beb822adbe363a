import CKernels
import Kernels

/// Whole numbers by chance, from a seed that stands where it is used.
struct Draws {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// From 0 to `below - 1`.
  mutating func callAsFunction(_ below: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % below
  }
}

/// What products and convolutions are tested on, in whichever numbers.
enum ProductDraws {
  /// Numbers that round, end or propagate in their own way.
  static let special: [Float] = [
    .nan, .infinity, -.infinity, 0, -0, .leastNonzeroMagnitude, -.leastNormalMagnitude / 2, 1e-30, -1e-25, 3.39e38,
  ]
  /// What products can be computed by here.
  static let paths = (0..<Int32(CK_PRODUCT_PATHS)).filter { ck_product_runs($0) != 0 }

  /// `count` numbers in ±1, of which one in `rarity` is special.
  static func mixed(_ count: Int, _ special: [Float] = special, rarity: Int, stream: UInt64) -> [Float] {
    let picks = uniform(count, 1, stream: stream + 100)
    return uniform(count, 1, stream: stream).enumerated().map { place, value in
      place % rarity == rarity - 1 ? special[Int((picks[place] + 1) * Float(special.count) * 0.4999)] : value
    }
  }

  /// Calls `body` with extents and two factors for them, some to most of whose numbers are special: as a lane computes where
  /// `isLane`, so that denormals count as zero, else in a thread where they are as they are.
  static func eachSpecial(
    isLane: Bool, _ body: (_ extents: (M: Int, N: Int, K: Int), _ a: [Float], _ b: [Float]) -> Void
  ) {
    for rarity in [3, 40, 400] {
      let (a, b) = (mixed(80 * 80, rarity: rarity, stream: 10), mixed(80 * 80, rarity: rarity, stream: 20))
      for extents in [(12, 32, 40), (13, 33, 17), (25, 16, 64), (5, 70, 3)] {
        if isLane { Kernels.asLane { body(extents, a, b) } } else { body(extents, a, b) }
      }
    }
  }

  /// Calls `body` for two thousand shapes by chance, most of them small, with two factors for all of them.
  static func eachRandom(
    seed: UInt64,
    _ body: (_ extents: (M: Int, N: Int, K: Int), _ draw: inout Draws, _ a: [Float], _ b: [Float]) -> Void
  ) {
    var draw = Draws(seed: seed)
    let (a, b) = (uniform(170 * 170, 3, stream: 5), uniform(170 * 170, 3, stream: 6))
    for _ in 0..<2000 {
      let K = draw(draw(10) == 0 ? 160 : 40)
      body((draw(40), draw(80), K), &draw, a, b)
    }
  }
}
