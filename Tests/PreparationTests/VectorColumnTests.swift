import Foundation
import Tables
import TestSupport
import Testing

@testable import Preparation

/// Columns of several numbers a row.
@Suite struct VectorColumnTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  /// Four numbers of a row; every eleventh row has none.
  private static func numbers(_ row: Int) -> [Double]? {
    guard row % 11 != 3 else { return nil }
    return (0..<4).map { (place: Int) -> Double in
      let whole = row * (7 + place) % 53
      return Double(whole) / Double(1 << place) - 5
    }
  }

  private static func csv(_ count: Int, _ cell: (Int, [Double]?) -> String) -> String {
    (0..<count).reduce(into: "id,v,a,b,c,d,outcome\n") { text, row in
      let numbers = numbers(row)
      let each = (0..<4).map { place in numbers.map { "\($0[place])" } ?? "" }.joined(separator: ",")
      text += "\(row),\"\(cell(row, numbers))\",\(each),\(row % 3 == 0 ? "good" : "bad")\n"
    }
  }

  private static func brackets(_ row: Int, _ numbers: [Double]?) -> String { numbers.map { "\($0)" } ?? "" }

  /// Each place of a vector is what a column of its numbers is, bit for bit.
  @Test func asColumnsOfNumbers() throws {
    let csv = Self.csv(300, Self.brackets)
    for more in [
      "", "scale: robust, missing: median", "scale: quantile, clip: [0.05, 0.9]", "missing: constant, value: 2",
    ] {
      let vector = try People.prepared(csv, in: folder, columns: "columns: [{vector: {columns: v, \(more)}}]")
      let numbers = try People.prepared(
        csv, in: folder, columns: "columns: [{number: {columns: [a, b, c, d], \(more)}}]")
      #expect(vector.featureNames == ["v[0]", "v[1]", "v[2]", "v[3]", "v missing"])
      for part in [Part.train, .test] {
        let expected = numbers.features(part).map { [$0[0], $0[2], $0[4], $0[6], $0[1]] }
        #expect(vector.features(part) == expected, "\(more)")
      }
    }
    let dropped = try People.prepared(csv, in: folder, columns: "columns: [{vector: {columns: v, missing: drop-row}}]")
    #expect(dropped.summary.aside.incomplete == ["v": 27] && dropped.featureNames.count == 4)
  }

  /// However rows are written, they are the same.
  @Test func forms() throws {
    let columns = "columns: [{vector: v}]"
    let first = try People.prepared(Self.csv(200, Self.brackets), in: folder, columns: columns)
    let words = Self.csv(200) { _, numbers in (numbers ?? []).map { "\($0)" }.joined(separator: "  ") }
    let semicolons = Self.csv(200) { _, numbers in (numbers ?? []).map { " \($0) " }.joined(separator: ";") }
    for csv in [words, semicolons] {
      let other = try People.prepared(csv, in: Folder(), columns: columns)
      #expect(other.summary.prepared == first.summary.prepared && other.summary.transform == first.summary.transform)
    }
    let lines = (0..<200).map { row in
      "{\"v\": \(Self.numbers(row).map { "\($0)" } ?? "null"), \"outcome\": \"\(row % 3 == 0 ? "good" : "bad")\"}\n"
    }
    let path = try folder.write("rows.jsonl", lines.joined())
    let settings = try settings(
      "source: {jsonl: \(path)}\ntarget: outcome\nkeep-under: \(folder["lists"])\n\(columns)\n")
    let lists = try TablePreparer(settings, seed: 1).prepared()
    #expect(lists.summary.prepared == first.summary.prepared)
    let texts: [(String, [Double]?)] = [
      ("[1, 2]", [1, 2]), (" ( 1e3;-2 ) ", [1000, -2]), ("1\t2\n3", [1, 2, 3]), ("[]", []), ("[1,,2]", nil),
      ("1 x", nil),
      ("[1 2, 3]", nil), ("7", [7]), ("[[1], [2]]", nil),
    ]
    for (text, numbers) in texts { #expect(VectorText.numbers(text) == numbers, "\(text)") }
  }

  @Test func badRows() throws {
    let csv = Self.csv(1000) { row, numbers in
      switch row {
      case 20: "[1, 2, 3]"
      case 30: "[1, 2, 3, 4, 5]"
      case 40: "[1, 2, x, 4]"
      case 50: "[1, 2, inf, 4]"
      case 60: "[1, nan, 3, 4]"
      case 70: "[]"
      default: Self.brackets(row, numbers)
      }
    }
    let rows = "rows: {filter: id != 0 and v is not missing}"
    let table = try People.prepared(csv, in: folder, rows, columns: "columns: [{vector: v}]")
    #expect(table.summary.aside.faulty == 6 && table.summary.aside.filtered == 92)
    let quarantine = try String(contentsOfFile: table.directory + "/quarantine.csv", encoding: .utf8)
    let reasons = quarantine.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",", maxSplits: 3)[3].replacing("\"", with: "")
    }
    #expect(
      reasons == [
        "expected 4 numbers, found 3", "expected 4 numbers, found 5",
        "expected numbers, as 1 2 3 or [1, 2, 3], found '[1, 2, x, 4]'", "expected finite numbers, found inf",
        "expected finite numbers, found nan", "expected 1 to 65536 numbers, found 0",
      ])
    // The same to rows that are predicted, where training rows tell how many there are.
    let path = try folder.write("new.csv", "id,v\n1,\"[1, 2, 3]\"\n2,\"[1, 2, 3, 4]\"\n3,\n")
    let all = "source: {csv: {files: \(path)}}\ntarget: outcome\ncolumns: [{vector: v}]\n"
    let batch = try #require(try RawRows(path, settings(all), table.preparation, withTargets: false).next(most: 9))
    #expect(batch.problems == [0: "column 'v': expected 4 numbers, found 3"] && batch.features.count == 8)
    // A column without any value, and one that is compared.
    let none = message {
      _ = try People.prepared(Self.csv(50) { _, _ in "" }, in: folder, columns: "columns: [{vector: v}]")
    }
    #expect(none.contains("column 'v': expected numbers in training rows, found none"), "\(none)")
    let compared = message {
      _ = try People.prepared(csv, in: folder, "rows: {filter: v > 3}", columns: "columns: [{vector: v}]")
    }
    #expect(compared.contains("expected a column of one value a row, found v"), "\(compared)")
    let twins = try People.prepared(csv, in: folder, "rows: {duplicates: drop}", columns: "columns: [{vector: v}]")
    #expect(twins.summary.aside.duplicates! > 500)
  }

  /// More rows without a value than are read at a time come first.
  @Test func lateWidth() throws {
    let rows = Collector.chunk + 10
    let csv = (0..<rows).reduce(into: "v,outcome\n") { text, row in
      text += "\(row < rows - 5 ? "" : "3 \(row % 2)"),\(row % 3 == 0 ? "good" : "bad")\n"
    }
    let table = try People.prepared(
      csv, in: folder, "split: {random: {test: 0}}", columns: "columns: [{vector: {columns: v, scale: none}}]")
    #expect(table.features(.train).suffix(5).map { $0[0] } == [3, 3, 3, 3, 3])
    #expect(table.featureNames == ["v[0]", "v[1]", "v missing"] && table.features(.train).count == rows)
  }
}
