import Diagnostics

/// How fast each rank computes, step by step: finds ranks that are slow for long, for which all others wait.
///
/// A pace is the seconds a rank takes for a round of micro-batches, one a lane: a rank with more of them than others is
/// not slow. Paces of neighbouring steps are averaged to slices of at least 0.2 s, so that a single delay of a short step
/// is none of a slice, and a window is 50 slices. A rank's pace is the median of its slices. It is slow when that is more
/// than 1.2 times the median of the ranks; of an even number of ranks, the lower middle one.
///
/// What it finds decides no bit. Rank zero alone keeps one. Adding allocates nothing.
package final class ComputePaces {
  static let sliceSeconds = 0.2
  static let windowSlices = 50
  static let limit = 1.2

  private let ranks: Int
  /// Of the slice under way, by rank: the sum of the paces, and of how many steps.
  private var sums: [Double]
  private var counts: [Int]
  private var seconds = 0.0
  /// `slices[rank · windowSlices + slice]`; 0 where a rank had nothing to compute.
  private var slices: [Double]
  private var sliceCount = 0
  private var steps = 0
  /// Ranks that were found already.
  private var known: Set<Int> = []

  init(ranks: Int) {
    self.ranks = ranks
    sums = Array(repeating: 0, count: ranks)
    counts = Array(repeating: 0, count: ranks)
    slices = Array(repeating: 0, count: ranks * Self.windowSlices)
  }

  /// Adds a step of `seconds`; a rank's pace is 0 where it computed nothing.
  func add(seconds: Double, pace: (_ rank: Int) -> Double) {
    guard ranks > 1, sliceCount < Self.windowSlices else { return }
    for rank in 0..<ranks {
      let pace = pace(rank)
      sums[rank] += pace
      counts[rank] += pace > 0 ? 1 : 0
    }
    self.seconds += seconds
    steps += 1
    guard self.seconds >= Self.sliceSeconds else { return }
    for rank in 0..<ranks {
      slices[rank * Self.windowSlices + sliceCount] = counts[rank] > 0 ? sums[rank] / Double(counts[rank]) : 0
      (sums[rank], counts[rank]) = (0, 0)
    }
    self.seconds = 0
    sliceCount += 1
  }

  /// The slowest of the ranks that a full window shows to be slow and none before did; begins a new window.
  ///
  /// Nil where there is none, or while the window is not full.
  package func takeStraggler() -> Straggler? {
    guard sliceCount == Self.windowSlices else { return nil }
    defer { (sliceCount, steps) = (0, 0) }
    let paces = (0..<ranks).map { rank in
      Self.median(slices[rank * Self.windowSlices..<(rank + 1) * Self.windowSlices].filter { $0 > 0 })
    }
    let usual = Self.median(paces.filter { $0 > 0 })
    let slow = paces.indices.filter { paces[$0] > Self.limit * usual && !known.contains($0) }
    guard let slowest = slow.max(by: { paces[$0] < paces[$1] }) else { return nil }
    known.formUnion(slow)
    return Straggler(rank: slowest, ratio: paces[slowest] / usual, steps: steps, others: slow.count - 1)
  }

  /// The middle one, the lower of two; 0 where there is none.
  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
  }
}

/// A rank that computes slowly, and for which the others wait.
package struct Straggler: Equatable, Sendable {
  package let rank: Int
  /// Its pace against the median of the ranks.
  package let ratio: Double
  /// Over how many steps.
  package let steps: Int
  /// How many more ranks turned out to be slow at the same time.
  package let others: Int
}
