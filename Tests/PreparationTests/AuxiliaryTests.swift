import Foundation
import TestSupport
import Testing

@testable import Preparation

/// Columns that are kept beside the features, for figures that look at them.
@Suite struct AuxiliaryTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private static let columns = "columns: [{number: age}, {category: home}]"

  private func prepared(words: [String] = [], numbers: [String] = [], _ extra: String = "") throws -> PreparedTable {
    let csv = People.csv(400) { row, cells in
      // What is no number is missing where figures alone look at it, and keeps no row out.
      cells[2] = row % 14 == 0 ? "" : row % 7 == 0 ? "oops" : "\(Double(row) / 8)"
      cells[4] = row % 4 == 1 ? "test" : "train"
    }
    let path = try folder.write("people.csv", csv)
    let settings = try settings(
      "source: {csv: {files: \(path)}}\ntarget: outcome\nkeep-under: \(folder["prepared"])\n\(Self.columns)\n"
        + "split: {fixed: {by: member}}\n\(extra)\n")
    return try TablePreparer(settings.keeping(words: words, numbers: numbers), seed: 1).prepared()
  }

  @Test func columnsStandBesideTheirRows() throws {
    let table = try prepared(words: ["home", "since"], numbers: ["income"])
    let plain = try prepared()
    #expect(table[.train]?.auxiliary.count == 3 && plain[.train]?.auxiliary.count == 0)
    #expect(table.summary.schema != plain.summary.schema && table.summary.prepared != plain.summary.prepared)
    #expect(table.summary.transform == plain.summary.transform && table.features(.test) == plain.features(.test))
    #expect(
      !(try FileManager.default.contentsOfDirectory(atPath: plain.directory)).contains { $0.contains("auxiliary") })
    let rows = (0..<400).filter { $0 % 4 == 1 }
    // In the order of their names: home, income, since.
    guard let kept = table[.test]?.auxiliary, case .words(let homes, let names) = kept[0],
      case .numbers(let incomes) = kept[1], case .words(let dates, let days) = kept[2]
    else {
      Issue.record("the kinds of the columns")
      return
    }
    for (place, row) in rows.enumerated() {
      let home = row % 13 == 5 ? nil : ["owner", "rent", "parents"][row * 5 % 3]
      #expect(homes[place] < 0 ? home == nil : names[Int(homes[place])] == home)
      #expect(row % 7 == 0 ? incomes[place].isNaN : incomes[place] == Float(row) / 8)
      #expect(days[Int(dates[place])] == "20\(10 + row % 12)-0\(1 + row % 9)-1\(row % 10)")
    }
    // Found again, and what was edited is refused: values and words.
    #expect(try prepared(words: ["since", "home"], numbers: ["income"]).directory == table.directory)
    for file in ["train.auxiliary-1.npy", "auxiliary.json"] {
      let path = "\(table.directory)/\(file)"
      let whole = try #require(FileManager.default.contents(atPath: path))
      var bytes = [UInt8](whole)
      let place = file.hasSuffix("json") ? try #require(bytes.lastIndex(of: UInt8(ascii: "1"))) : 130
      bytes[place] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(
        message { _ = try prepared(words: ["home", "since"], numbers: ["income"]) }.contains("found it changed"),
        "\(file)")
      try whole.write(to: URL(fileURLWithPath: path))
    }
    #expect(message { _ = try prepared(words: ["hme"]) }.contains("expected a column 'hme'"))
  }

  /// Rows of another file keep theirs where targets are asked for; what is no number there is missing, and keeps no row out.
  @Test func otherRows() throws {
    let table = try prepared(words: ["home"], numbers: ["income"])
    let path = try folder.write(
      "more.csv",
      "age,income,home,member,since,outcome\n30,7,barge,test,,bad\n31,,rent,test,,good\n32,x,rent,test,,good\n")
    let settings = try settings(
      "source: {csv: {files: \(path)}}\ntarget: outcome\nquarantine-at-most: 1\n\(Self.columns)\n"
    ).keeping(words: ["home"], numbers: ["income"])
    let rows = try RawRows(path, settings, table.preparation, withTargets: true)
    let batch = try #require(try rows.next(most: 10))
    guard case .codes(let homes) = batch.auxiliary[0], case .numbers(let incomes) = batch.auxiliary[1] else {
      Issue.record("the kinds of the columns")
      return
    }
    #expect(homes.map { rows.auxiliaryWords[0][Int($0)] } == ["barge", "rent", "rent"] && batch.problems.isEmpty)
    #expect(incomes[0] == 7 && incomes[1].isNaN && incomes[2].isNaN)
    let others = try RawRows(path, settings, table.preparation, withTargets: false)
    #expect(try others.next(most: 10)?.auxiliary.isEmpty == true)
  }
}
