import Diagnostics
import Synchronization
import Testing

@testable import Lockstep

/// Rows that are read ahead come in their order, once, and what is wrong with them comes behind those before.
@Suite struct BatchesAheadTests {
  /// So many batches of growing numbers, then the end or a failure.
  private final class Numbers: SampleBatches, Sendable {
    private let count: Int
    private let fails: Bool
    let given = Mutex(0)

    init(_ count: Int, fails: Bool) { (self.count, self.fails) = (count, fails) }

    var counts: [Int] { [given.withLock { $0 }] }

    func next() throws -> SampleBatch? {
      let place = given.withLock { given in
        given += 1
        return given - 1
      }
      if place < count { return SampleBatch(nil, rows: place + 1, problems: problems(place)) }
      if fails { throw Failure(.badData, "row \(place) is none") }
      return nil
    }

    private func problems(_ place: Int) -> [Int: String] {
      Dictionary(uniqueKeysWithValues: (0...place).map { ($0, "\(place)") })
    }
  }

  @Test(arguments: [0, 1, 2, 50], [false, true]) func order(_ count: Int, fails: Bool) throws {
    for most in 1...3 { try order(count, fails: fails, most: most) }
  }

  private func order(_ count: Int, fails: Bool, most: Int) throws {
    let numbers = Numbers(count, fails: fails)
    let ahead = BatchesAhead(numbers, most: most)
    for place in 0..<count {
      let batch = try #require(try ahead.next())
      #expect(batch.rows == place + 1 && batch.problems[place] == "\(place)")
      // So many at most are read beside those that were taken.
      #expect(numbers.given.withLock { $0 } <= place + 1 + most)
    }
    if fails {
      #expect(throws: Failure.self) { try ahead.next() }
    } else {
      #expect(try ahead.next().map(\.rows) == nil)
    }
    #expect(numbers.counts == [count + 1])
  }
}
