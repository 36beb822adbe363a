import CKernels
import Tensors

extension Kernels {
  /// Makes 0 of each of `x` whose weight is 0; both are as long, and may be one.
  package static func maskZeros(_ x: FloatView, of weights: FloatView) {
    precondition(x.count == weights.count, "\(x.count) numbers for \(weights.count) weights")
    ck_mask_zeros(x.base, weights.base, Int64(x.count))
  }

  /// How many weights are 0.
  package static func zeros(of weights: FloatView) -> Int { Int(ck_zeros(weights.base, Int64(weights.count))) }

  /// What separates the smallest of some weights from the others: magnitudes below that of the bits `limit`, and the first `ties` of
  /// those that have it.
  package struct Smallest: Equatable, Sendable {
    package let limit: UInt32
    package let ties: Int
  }

  /// Which are the `count` smallest magnitudes of all parts together; of equal ones those that come first. The parts' order counts, and
  /// nothing else: the same weights give the same choice wherever they lie.
  ///
  /// Magnitudes are counted by their upper 16 bits, and those of the bin where the count is reached by the lower ones: two passes.
  package static func smallest(_ count: Int, of parts: [FloatView]) -> Smallest {
    precondition((0...parts.reduce(0) { $0 + $1.count }).contains(count), "\(count) of fewer weights")
    func counts(upper: Int) -> [Int64] {
      var counts = [Int64](repeating: 0, count: 1 << 16)
      for part in parts { ck_magnitude_counts(&counts, part.base, Int64(part.count), Int64(upper)) }
      return counts
    }
    /// The bin in which number `rest`, from 0, lies, and how many of it lie before that number.
    func bin(_ counts: [Int64], _ rest: Int) -> (bin: Int, before: Int) {
      var rest = rest
      for (bin, count) in counts.enumerated() {
        if rest < count { return (bin, rest) }
        rest -= Int(count)
      }
      preconditionFailure("fewer weights than were counted before")
    }
    guard count > 0 else { return Smallest(limit: 0, ties: 0) }
    let upper = bin(counts(upper: -1), count - 1)
    let lower = bin(counts(upper: upper.bin), upper.before)
    return Smallest(limit: UInt32(upper.bin << 16 | lower.bin), ties: lower.before + 1)
  }

  /// Makes zeros of the smallest of all parts, in the same order as they were chosen.
  package static func zero(_ smallest: Smallest, of parts: [FloatView]) {
    var ties = Int64(smallest.ties)
    for part in parts { ties = ck_zero_smallest(part.base, Int64(part.count), smallest.limit, ties) }
  }
}
