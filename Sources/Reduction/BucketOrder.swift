/// In which order a backward pass completes the buckets of the flat buffer: arithmetic, the same on every rank.
package struct BucketOrder: Equatable, Sendable {
  /// The numbers of the buckets, the first complete one first.
  package let buckets: [Int]
  /// How many of these are complete after each operation of the backward pass.
  package let completeAfter: [Int]

  /// `writes` are the ranges of the flat buffer that each operation of the pass writes. A bucket is complete when all
  /// that is written of it is; of those complete at once the last in the buffer comes first.
  package init(of buckets: [Range<Int>], writes: [[Range<Int>]]) {
    let last = buckets.map { bucket in writes.lastIndex { $0.contains { $0.overlaps(bucket) } } ?? 0 }
    self.buckets = buckets.indices.sorted { (last[$0], $1) < (last[$1], $0) }
    completeAfter = writes.indices.map { operation in last.count { $0 <= operation } }
  }
}
