import Reduction

/// Where the owned ranges of the flat buffer lie in a buffer that holds nothing else, one after the other.
struct OwnedPacking: Sendable {
  /// Of the flat buffer, ascending; none is empty.
  let ranges: [Range<Int>]
  /// Where each begins in the packed buffer.
  private let starts: [Int]
  /// Floats of a packed buffer.
  let count: Int

  /// For the owned `ranges` of the flat buffer, ascending; some may be empty.
  init(_ ranges: [Range<Int>]) {
    self.ranges = ranges.filter { !$0.isEmpty }
    (starts, count) = self.ranges.packed
  }

  /// Where `range` of the flat buffer lies; it must lie in one owned range.
  func place(of range: Range<Int>) -> Range<Int> {
    let index = ranges.partitionPoint { $0.upperBound > range.lowerBound }
    precondition(
      index < ranges.count && ranges[index].lowerBound <= range.lowerBound
        && range.upperBound <= ranges[index].upperBound, "\(range) is not owned here")
    let start = starts[index] + range.lowerBound - ranges[index].lowerBound
    return start..<start + range.count
  }
}
