import CKernels
import Tensors

/// Random numbers of one augmentation of one sample in one epoch.
///
/// Number n is word n mod 4 of Philox 4×32-10 for the counter (n / 4, epoch · 2⁴⁰ + sample), under a key of the seed and the
/// augmentation's place in the list: the same on any rank, lane and host, whenever it is drawn.
public struct Draws {
  private let random: Philox
  /// Numbers that are drawn many at a time have a key of their own.
  private let bulk: Philox
  private let stream: UInt64
  private var index: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4
  /// Who is told what was drawn; nil in training.
  package let record: DrawRecord?

  init(_ keys: Keys, epoch: Int, sample: Int, record: DrawRecord? = nil) {
    (random, bulk) = (keys.single, keys.bulk)
    stream = UInt64(truncatingIfNeeded: epoch) << 40 | UInt64(truncatingIfNeeded: sample)
    self.record = record
  }

  /// The keys of an augmentation.
  struct Keys: Sendable {
    let single: Philox
    let bulk: Philox

    init(seed: UInt64, operation: Int) {
      let words = Philox(seed: seed, purpose: .augmentation).block(stream: UInt64(operation), index: 0)
      single = Philox(key: SIMD2(words.x, words.y))
      bulk = Philox(key: SIMD2(words.z, words.w))
    }
  }

  /// The next 32 bits.
  public mutating func word() -> UInt32 {
    if used == 4 {
      words = random.block(stream: stream, index: index)
      index += 1
      used = 0
    }
    used += 1
    return words[used - 1]
  }

  /// Between 0 and 1, neither of which it is.
  public mutating func unit() -> Double { word().unitInterval }

  /// From `range`, evenly.
  public mutating func number(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// From `range`, evenly; it has at most 2³² numbers.
  public mutating func whole(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int((UInt64(word()) * UInt64(range.count)) >> 32)
  }

  /// True in so many cases of 1; nothing is drawn where it always is, or never.
  public mutating func happens(_ probability: Double) -> Bool {
    probability >= 1 || (probability > 0 && unit() < probability)
  }

  /// A normal number of mean 0 and deviation 1.
  mutating func normal() -> Double { ck_normal_from_unit(unit()) }

  /// From the Beta distribution of two equal parameters, more than 0: X / (X + Y) of two Gamma numbers.
  ///
  /// Their logarithms are compared, as those of small parameters are too small for a float.
  public mutating func beta(_ alpha: Double) -> Double {
    let (x, y) = (logGamma(alpha), logGamma(alpha))
    return 1 / (1 + ck_exponential(y - x))
  }

  /// The logarithm of a number of the Gamma distribution of shape `alpha` and scale 1.
  ///
  /// Marsaglia, Tsang: *A simple method for generating gamma variables* (ACM TOMS 26, 2000), with their step from alpha + 1 for
  /// an alpha below 1.
  private mutating func logGamma(_ alpha: Double) -> Double {
    let boost = alpha < 1 ? ck_log(unit()) / alpha : 0
    let d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      guard ck_log(unit()) < 0.5 * x * x + d - d * v + d * ck_log(v) else { continue }
      return ck_log(d) + ck_log(v) + boost
    }
  }

  /// Overwrites `numbers` with normal ones of mean 0 and deviation 1, many times faster than one by one.
  public func fillNormal(_ numbers: FloatView) {
    bulk.drawNormal(
      UnsafeMutableBufferPointer(start: numbers.base, count: numbers.count), stream: stream, mean: 0, deviation: 1)
  }

  /// Overwrites `numbers` with even ones between 0 and 1, many times faster than one by one.
  public func fillUniform(_ numbers: FloatView) {
    bulk.drawUniform(
      UnsafeMutableBufferPointer(start: numbers.base, count: numbers.count), stream: stream, width: 1)
    for place in 0..<numbers.count { numbers.base[place] += 0.5 }
  }

  /// Tells somebody who looks what was drawn; in training nobody does, and it costs nothing.
  @inline(__always)
  public func note(_ name: StaticString, _ value: @autoclosure () -> Double) {
    if let record { record.add("\(name)", value()) }
  }

  /// The same of a word.
  @inline(__always)
  public func note(_ name: StaticString) {
    if let record { record.add("\(name)", nil) }
  }
}

/// What was drawn for a sample, for `lockstep look`.
package final class DrawRecord {
  /// An augmentation, and what it drew.
  package struct Entry {
    package let kind: String
    package var values: [(name: String, value: Double?)] = []
  }
  package private(set) var entries: [Entry] = []

  package init() {}

  func begin(_ kind: String) { entries.append(Entry(kind: kind)) }
  func add(_ name: String, _ value: Double?) { entries[entries.count - 1].values.append((name, value)) }
}
