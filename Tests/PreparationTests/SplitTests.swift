import Files
import Foundation
import Preparation
import Tables
import TestSupport
import Testing

@Suite struct SplitTests {
  /// The rows of each part, told by their number in a feature.
  private func parts(_ count: Int, _ split: String, seed: UInt64 = 1) throws -> [Part: [Int]] {
    let csv = People.csv(count) { row, cells in cells[2] = "\(row)" }
    let table = try People.prepared(
      csv, in: try Folder(), "split: \(split)", columns: "columns: [{number: {columns: income, scale: none}}]",
      seed: seed)
    var parts: [Part: [Int]] = [:]
    for part in Part.allCases { parts[part] = table.features(part).map { Int($0[0]) } }
    #expect(parts.values.flatMap { $0 }.sorted() == Array(0..<count))
    return parts
  }

  private func outcome(_ row: Int) -> String { (20 + row * 7 % 50 + row % 3) % 4 == 0 ? "bad" : "good" }

  @Test func random() throws {
    for count in [2, 3, 10, 101, 1000] {
      let found = try parts(count * 2, "{random: {test: 0.25, validation: 0.1}}")
      #expect(found[.test]!.count == Int((0.5 * Double(count)).rounded()))
      #expect(found[.validation]!.count == Int((0.2 * Double(count)).rounded()))
    }
    let first = try parts(1000, "random"), other = try parts(1000, "random", seed: 2)
    let again = try parts(1000, "random")
    #expect(first != other && first == again)
  }

  /// Other programs find the same rows by the lines that they begin in: those set aside and passed over are none.
  @Test func partsAreWritten() throws {
    let folder = try Folder()
    let csv = People.csv(100) { row, cells in
      if row == 7 { cells[1] = "old" }
      if row == 9 { cells[6] = "" }
      if row == 20 { cells[3] = "\"ow\nner\"" }
    }
    let path = try folder.write("people.csv", csv)
    let settings = try settings(
      "source: {csv: {files: \(path)}}\ntarget: outcome\nkeep-under: \(folder["prepared"])\n\(People.columns)\n"
        + "split: {random: {test: 0.25, validation: 0.1}}\nquarantine-at-most: 0.05\n")
    for cores in [[0], [0, 1, 2]] {
      let preparer = TablePreparer(settings, seed: 1, cores: cores)
      let file = try OutputFile(folder["parts.csv"])
      try preparer.writeParts(to: file)
      try file.finish()
      let lines = try folder.text("parts.csv").split(separator: "\n").map(String.init)
      #expect(lines[0] == "source,row,part" && lines.count == 99)
      let cells = lines.dropFirst().map { $0.split(separator: ",").map(String.init) }
      // A line break in a cell moves those behind it.
      let expected = (0..<100).filter { $0 != 7 && $0 != 9 }.map { "\($0 + 2 + ($0 > 20 ? 1 : 0))" }
      #expect(cells.map { $0[1] } == expected && cells.allSatisfy { $0[0] == "people.csv" })
      let table = try preparer.prepared()
      for part in Part.allCases {
        #expect(cells.count { $0[2] == "\(part)" } == table[part]?.count ?? 0)
      }
      #expect(!folder.names("prepared").contains { $0.hasSuffix(".partial") })
    }
  }

  @Test func stratified() throws {
    let found = try parts(1000, "{stratified: {test: 0.2, validation: 0.1}}")
    for name in ["good", "bad"] {
      let all = (0..<1000).count { outcome($0) == name }
      #expect(found[.test]!.count { outcome($0) == name } == Int((0.2 * Double(all)).rounded()))
      #expect(found[.validation]!.count { outcome($0) == name } == Int((0.1 * Double(all)).rounded()))
    }
    let byHome = try parts(900, "{stratified: {by: home, test: 0.5}}")
    #expect(
      byHome[.test]!.count { $0 * 5 % 3 == 1 && $0 % 13 != 5 } * 2 - (0..<900).count { $0 * 5 % 3 == 1 && $0 % 13 != 5 }
        <= 1)
  }

  /// Rows that share a value are together, and stay where they are when rows are added.
  @Test func hash() throws {
    let found = try parts(600, "{hash: {by: since, test: 0.4}}")
    let test = Set(found[.test]!)
    for row in 0..<240 { #expect(test.contains(row) == test.contains(row + 180)) }
    let more = try parts(900, "{hash: {by: since, test: 0.4}}")
    #expect(more[.test]!.filter { $0 < 600 } == found[.test]!)
    let ids = try parts(10_000, "{hash: {by: id, test: 0.3}}")
    #expect(abs(ids[.test]!.count - 3000) < 200)
  }

  @Test func time() throws {
    let found = try parts(500, "{time: {by: since, test: 0.2, validation: 0.2}}")
    func time(_ row: Int) -> Int { (10 + row % 12) * 10_000 + (1 + row % 9) * 100 + row % 10 }
    let (train, validation, test) = (found[.train]!, found[.validation]!, found[.test]!)
    #expect(train.map(time).max()! < validation.map(time).min()!)
    #expect(validation.map(time).max()! < test.map(time).min()!)
    #expect(test.count >= 100 && validation.count + test.count >= 200)
  }

  @Test func byColumn() throws {
    let csv = People.csv(90) { row, cells in cells[3] = ["Train", "validation", "test"][row % 3] }
    let table = try People.prepared(
      csv, in: try Folder(), "split: {fixed: home}", columns: "columns: [{number: income}]")
    #expect(table.summary.rows == ["train": 30, "validation": 30, "test": 30])
  }

  @Test func byFiles() throws {
    let folder = try Folder()
    let files = try ["loans-train.csv", "loans-test.csv"].map { try folder.write($0, People.csv($0.count)) }
    let settings = try settings(
      "source: {csv: {files: [\(files.joined(separator: ", "))]}}\ntarget: outcome\nkeep-under: \(folder["p"])\n"
        + "columns: [{number: income}]\nsplit: files\n")
    let table = try TablePreparer(settings, seed: 1).prepared()
    #expect(table.summary.rows == ["train": 15, "validation": 0, "test": 14])
  }
}
