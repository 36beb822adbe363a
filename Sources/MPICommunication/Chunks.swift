/// Cuts `range` into pieces of at most `limit`, in order; an empty range has none.
///
/// MPI counts in 32-bit integers. Everything that may be longer goes through here.
package func chunks(of range: Range<Int>, limit: Int) -> some Sequence<Range<Int>> {
  stride(from: range.lowerBound, to: range.upperBound, by: limit).lazy.map {
    $0..<($0 + min(limit, range.upperBound - $0))
  }
}

/// Whether MPI can take these ranges as they are: every count and every displacement is at most `limit`.
package func fits(_ ranges: [Range<Int>], limit: Int) -> Bool {
  ranges.allSatisfy { $0.lowerBound <= limit && $0.count <= limit }
}
