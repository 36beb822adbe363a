import Synchronization

/// Counts in the lanes that have completed their part of a bucket, while backward goes on: the last one joins the parts.
package final class BucketGate: @unchecked Sendable {
  private let order: BucketOrder
  /// The lanes that are still to come, and whether the bucket is joined, by its place in the order.
  private let missing: UnsafeMutableBufferPointer<Atomic<Int>>
  private let joined: UnsafeMutableBufferPointer<Atomic<Bool>>
  private var seen = 0

  package init(_ order: BucketOrder) {
    self.order = order
    missing = .allocate(capacity: order.buckets.count)
    joined = .allocate(capacity: order.buckets.count)
    for place in order.buckets.indices {
      (missing.baseAddress! + place).initialize(to: Atomic(0))
      (joined.baseAddress! + place).initialize(to: Atomic(false))
    }
  }

  deinit {
    missing.deinitialize()
    missing.deallocate()
    joined.deinitialize()
    joined.deallocate()
  }

  /// Closes it for a step in which `lanes` lanes compute; no lane is at it.
  package func close(lanes: Int) {
    seen = 0
    for place in order.buckets.indices {
      missing[place].store(lanes, ordering: .relaxed)
      joined[place].store(false, ordering: .relaxed)
    }
  }

  /// A lane has done this operation of its last backward pass. Calls `join` with each bucket that all lanes have now
  /// completed, and that no other lane is called for.
  package func pass(_ operation: Int, join: (_ bucket: Int) -> Void) {
    let first = operation == 0 ? 0 : order.completeAfter[operation - 1]
    for place in first..<order.completeAfter[operation] {
      // What the other lanes wrote before is seen by the one that joins.
      guard missing[place].subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { continue }
      join(order.buckets[place])
      joined[place].store(true, ordering: .releasing)
    }
  }

  /// How many buckets, from the first of the order on, are joined. One lane alone asks.
  package func readyCount() -> Int {
    while seen < order.buckets.count, joined[seen].load(ordering: .acquiring) { seen += 1 }
    return seen
  }
}
