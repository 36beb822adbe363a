import Synchronization
import Testing

@testable import Reduction

@Suite struct BucketOrderTests {
  /// Every way in which up to four operations can write up to five cells of the buffer, cut into buckets of one to three.
  @Test func aBucketIsCompleteWhenItsLastCellIsWritten() throws {
    for cells in 1...5 {
      for operations in 1...4 {
        // Which operation writes each cell; one more for a cell that nobody writes.
        for code in 0..<power(operations + 1, cells) {
          let writers = (0..<cells).map { code / power(operations + 1, $0) % (operations + 1) }
          let writes = (0..<operations).map { operation in
            (0..<cells).filter { writers[$0] == operation }.map { $0 * 10..<$0 * 10 + 10 }
          }
          for size in 1...3 {
            let buckets = stride(from: 0, to: cells, by: size).map { $0 * 10..<min($0 + size, cells) * 10 }
            let order = BucketOrder(of: buckets, writes: writes)
            try #require(order.buckets.sorted() == Array(buckets.indices))
            for operation in 0..<operations {
              let complete = buckets.indices.filter { bucket in
                let inside = (buckets[bucket].lowerBound / 10..<buckets[bucket].upperBound / 10).map { writers[$0] }
                return inside.allSatisfy { $0 <= operation || $0 == operations }
              }
              let first = order.buckets.prefix(order.completeAfter[operation])
              try #require(Set(first) == Set(complete), "\(writers), buckets of \(size), after operation \(operation)")
            }
            try #require(order.completeAfter.last == buckets.count)
          }
        }
      }
    }
  }

  @Test func laterBucketsComeFirstWhereNothingSaysOtherwise() {
    let buckets = [0..<10, 10..<20, 20..<25]
    #expect(BucketOrder(of: buckets, writes: []).buckets == [2, 1, 0])
    #expect(
      BucketOrder(of: buckets, writes: [[20..<25], [0..<20]])
        == BucketOrder(of: buckets, writes: [[20..<25], [0..<11, 11..<20]]))
  }

  /// Lanes that come at the same time: each bucket is joined once, when all have passed it, and then counted.
  @Test(arguments: 1...4)
  func theLastLaneJoins(lanes: Int) {
    let buckets = (0..<6).map { $0 * 10..<$0 * 10 + 10 }
    let order = BucketOrder(of: buckets, writes: [[50..<60, 0..<5], [30..<50], [], [0..<30]])
    let gate = BucketGate(order)
    let team = LaneTeam(count: lanes)
    defer { team.close() }
    for _ in 0..<200 {
      gate.close(lanes: lanes)
      let passed = (0..<lanes).map { _ in Counter() }
      let joined = (0..<6).map { _ in Counter() }
      team.run { lane in
        for operation in 0..<4 {
          passed[lane].value.add(1, ordering: .sequentiallyConsistent)
          gate.pass(operation) { bucket in
            let last = order.completeAfter.firstIndex { $0 > order.buckets.firstIndex(of: bucket)! }!
            let allPassed = passed.allSatisfy { $0.value.load(ordering: .sequentiallyConsistent) > last }
            joined[bucket].value.add(allPassed ? 1 : 100, ordering: .relaxed)
          }
          guard lane == 0 else { continue }
          for bucket in order.buckets.prefix(gate.readyCount()) {
            if joined[bucket].value.load(ordering: .relaxed) == 0 { joined[bucket].value.add(100, ordering: .relaxed) }
          }
        }
      }
      let counts = joined.map { $0.value.load(ordering: .relaxed) }
      #expect(counts == Array(repeating: 1, count: 6))
      #expect(gate.readyCount() == 6)
    }
  }

  private final class Counter: Sendable { let value = Atomic<Int>(0) }

  private func power(_ base: Int, _ exponent: Int) -> Int { (0..<exponent).reduce(1) { product, _ in product * base } }
}
