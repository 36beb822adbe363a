import CKernels

/// Counter-based random numbers: Philox 4×32 with ten rounds.
///
/// A pure function of a 64-bit key and a 128-bit counter, hence the same on any rank, lane and host, in any order.
/// Salmon, Moraes, Dror, Shaw: *Parallel random numbers: as easy as 1, 2, 3* (SC 2011).
public struct Philox: Hashable, Sendable {
  /// What the numbers are for; a purpose has a stream of its own under the same seed.
  public enum Purpose: UInt32, Sendable, CaseIterable {
    case initialisation = 1
    case order = 2
    case dropout = 3
    case data = 4
    case sampling = 5
    case gradient = 6
    case split = 7
    case bootstrap = 8
    case augmentation = 9
  }

  /// Of seed and purpose.
  public let key: SIMD2<UInt32>

  /// The generator of `seed` for `purpose`: the key is mixed by one application of Philox itself.
  public init(seed: UInt64, purpose: Purpose) {
    let mixed = Philox(key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
      .block(SIMD4(purpose.rawValue, 0, 0, 0x4c6f636b))
    self.init(key: SIMD2(mixed.x, mixed.y))
  }

  /// A generator of a key made elsewhere.
  public init(key: SIMD2<UInt32>) { self.key = key }

  /// Four random words for one counter.
  @inlinable
  public func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var (c, k) = (counter, key)
    for round in 0..<10 {
      if round > 0 { k &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let a = UInt64(c.x) * 0xD251_1F53
      let b = UInt64(c.z) * 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: b >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: a))
    }
    return c
  }

  /// Four random words for a stream and an index in it: `stream` fills the high half of the counter.
  @inlinable
  public func block(stream: UInt64, index: UInt64) -> SIMD4<UInt32> {
    block(
      SIMD4(
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
        UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)))
  }
}

extension Philox {
  /// Overwrites `keys` with 64 random bits for each of the indices from `first` on: the first two words of
  /// `block(stream:index:)`, the first one the high half. Many times faster than one by one.
  package func fill(_ keys: UnsafeMutableBufferPointer<UInt64>, stream: UInt64, from first: UInt64) {
    guard let base = keys.baseAddress else { return }
    ck_row_keys(base, keys.count, first, stream, key.x, key.y)
  }

  /// Overwrites `draws` with Poisson numbers of mean 1, one a row: how often a resample of the rows has each. A row's number
  /// depends on the key, the stream and the row alone.
  package func drawPoisson(_ draws: UnsafeMutableBufferPointer<UInt8>, stream: UInt64) {
    guard let base = draws.baseAddress else { return }
    ck_poisson_draws(base, draws.count, stream, key.x, key.y)
  }
}

extension Philox {
  /// Overwrites `floats` with uniform numbers in -width / 2 … width / 2.
  ///
  /// Element e is (u - ½) · width, where u is the `unitInterval` of word e mod 4 of `block(stream:index:)` for index e / 4.
  package func drawUniform(_ floats: UnsafeMutableBufferPointer<Float>, stream: UInt64, width: Double) {
    guard let base = floats.baseAddress else { return }
    ck_draw_uniform(base, floats.count, stream, key.x, key.y, width)
  }

  /// Overwrites `floats` with normal numbers, of the same words.
  package func drawNormal(
    _ floats: UnsafeMutableBufferPointer<Float>, stream: UInt64, mean: Double, deviation: Double
  ) {
    guard let base = floats.baseAddress else { return }
    ck_draw_normal(base, floats.count, stream, key.x, key.y, mean, deviation)
  }
}

extension UInt32 {
  /// Maps a random word to (0, 1): the middle of one of 2³² equal steps, never 0 and never 1.
  @inlinable
  public var unitInterval: Double { (Double(self) + 0.5) * 0x1p-32 }
}
