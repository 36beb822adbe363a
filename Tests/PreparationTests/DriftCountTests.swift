import Foundation
import Testing

@testable import Preparation

/// What is counted of rows that are predicted.
@Suite struct DriftCountTests {
  private func distribution(_ bounds: [Double]) throws -> Distribution {
    let shares = [Double](repeating: 0.5, count: bounds.count + 2)
    let json = try JSONEncoder().encode(["bounds": bounds, "range": [-1, 2.5], "shares": shares])
    return try JSONDecoder().decode(Distribution.self, from: json)
  }

  /// A bin holds what a walk over the bounds finds: numbers on bounds, bounds that are equal, no numbers at all.
  @Test func bins() throws {
    let numbers = [-3, -1, -0.5, -0.0, 0, 1, 2.5, 2.5, 7, .nan, -.infinity, .infinity]
    for bounds in [[], [0], [-1, 0, 0, 2.5], [2.5, 2.5, 2.5], [-9, -8], [8, 9]] as [[Double]] {
      let distribution = try distribution(bounds)
      for count in 0...numbers.count {
        var expected = [Int](repeating: 0, count: bounds.count + 1)
        for number in numbers[..<count] where !number.isNaN { expected[bounds.count { $0 <= number }] += 1 }
        var found = [Int](repeating: 0, count: bounds.count + 1)
        Array(numbers[..<count]).withUnsafeBufferPointer { distribution.add($0, to: &found) }
        #expect(found == expected, "\(bounds), \(count)")
      }
    }
  }

  /// Tallies of parts add up to that of the whole, and what is told is told of a tally alone.
  @Test func partsAddUp() throws {
    let numbers = (0..<300).map { (row: Int) -> Double in
      if row % 7 == 0 { return .nan }
      return Double(row % 50) / 5 - 3
    }
    let empty = DriftTally("x", try distribution([-1, 0, 2]))
    func tally(_ rows: Range<Int>) -> [Int] {
      var own = empty
      own.add(ColumnValues(.numbers(Array(numbers[rows]))))
      return own.tally
    }
    let whole = tally(0..<300)
    #expect(zip(tally(0..<100), tally(100..<300)).map(+) == whole)
    // 43 rows have none; those outside of -1...2.5 are strange.
    #expect(whole[0] == 300 && whole.last == 43 && whole[1] == numbers.count { $0 < -1 || $0 > 2.5 })
    #expect(empty.finding(of: whole[...])?.hasPrefix("column 'x': 300 rows are not like those of training") == true)
    #expect(empty.finding(of: empty.tally[...]) == nil)
  }
}
