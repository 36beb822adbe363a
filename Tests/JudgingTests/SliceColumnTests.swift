import Foundation
import Metrics
import Testing

@testable import Judging

/// Values of columns that rows are sliced by.
@Suite struct SliceColumnTests {
  private func column(_ texts: [String?]) -> SliceColumn {
    var reading = SliceColumn.Reading()
    for text in texts { reading.add(text) }
    return reading.column(named: "c")
  }

  @Test func wordsAreSlicesOfTheirOwn() {
    let found = column(["b", nil, "a", "b", "1"])
    #expect(found == SliceColumn("c", values: ["b", "a", "1"], codes: [0, -1, 1, 0, 2]))
    #expect(column([]) == SliceColumn("c", values: [], codes: []))
    #expect(column([nil, nil]) == SliceColumn("c", values: [], codes: [-1, -1]))
  }

  @Test func fewNumbersAreInTheirOrder() {
    let found = column(["10", "9", nil, "-1", "9"])
    #expect(found == SliceColumn("c", values: ["-1", "9", "10"], codes: [2, 1, -1, 0, 1], isOrdered: true))
  }

  /// 1 to 100, a quarter each; equal values stay together.
  @Test func manyNumbersAreCutIntoQuarters() {
    let texts: [String?] = (0..<100).map { "\($0 * 37 % 100 + 1)" } + [nil]
    let found = column(texts)
    #expect(found.isOrdered && found.values == ["up to 25", "over 25 to 50", "over 50 to 75", "over 75"])
    #expect((0..<4).map { slice in found.codes.count { $0 == slice } } == [25, 25, 25, 25])
    for (text, code) in zip(texts, found.codes) {
      #expect(text.map { (Int($0)! - 1) / 25 == Int(code) } ?? (code == -1))
    }
    // 60 of 80 are one value, which ends two quarters.
    let uneven = column((0..<80).map { $0 < 60 ? "5" : "\($0)" })
    #expect(uneven.values == ["up to 5", "over 5"])
    #expect((0..<2).map { slice in uneven.codes.count { $0 == slice } } == [60, 20])
    let first = column((0..<80).map { $0 < 60 ? "99" : "\($0 - 60)" })
    #expect(first.values == ["up to 19", "over 19"] && first.codes.count { $0 == 1 } == 60)
    // What is no number makes all of them words.
    #expect(!column(texts + ["n/a"]).isOrdered && !column(texts + ["inf"]).isOrdered)
  }

  @Test func datesAreInTheirOrder() {
    let days = (1...28).map { "2024-02-\($0 < 10 ? "0" : "")\($0)" }
    #expect(
      column(days.reversed()).values
        == ["up to 2024-02-07", "over 2024-02-07 to 2024-02-14", "over 2024-02-14 to 2024-02-21", "over 2024-02-21"])
  }

  @Test func someRows() {
    #expect(column(["x", "y", "z"]).taking([2, 0]).codes == [2, 0])
  }

  /// Slices of an order keep it, whatever their sizes.
  @Test func slicesKeepTheOrder() throws {
    let numbers = JudgedNumbers(
      name: "n", predictions: RowNumbers([1, 2, 3, 4, 5]), targets: RowNumbers([1, 2, 3, 4, 9.0]))
    let rows = try JudgedRows(numbers)
    let judge = Judge([MeanAbsoluteError()], resamples: Resamples(count: 0))
    let found = Slices(column(["2", "1", "2", nil, "2"]), of: rows, judge: judge)
    #expect(found.slices.map(\.value) == ["1", "2", "missing"] && found.slices.map(\.rows) == [1, 3, 1])
  }
}
