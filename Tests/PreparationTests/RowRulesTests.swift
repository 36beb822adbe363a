import Foundation
import Tables
import TestSupport
import Testing

@testable import Preparation

/// Which rows are used: a filter, ranges, duplicates.
@Suite struct RowRulesTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private static let format = DateFormat("%d.%m.%Y")!

  private static func storage(_ column: String) -> ColumnStorage? {
    switch column {
    case "Age", "a b": .numbers
    case "Since": .instants(format)
    case "Job": .words
    default: nil
    }
  }

  /// For each of four rows whether the filter holds.
  private static func holds(_ text: String) throws -> [Bool] {
    let filter = try RowFilter(text, declared: storage)
    let dates = ["01.02.2020", "31.12.2019", "", "24.11.2026"]
    let values = filter.used.map { _, column -> CodedColumn in
      switch (column.request.name, column.request.storage) {
      case ("Age", _): .numbers([17, 18, .nan, 40.5])
      case ("a b", _): .numbers([0, 1, 2, 3])
      case ("Since", _): .instants(dates.map { format.instant($0) ?? CodedColumn.missingInstant })
      case (_, .numbers): .numbers([1, .nan, -3, 4])
      default: .texts(["void", "open", nil, "it's"])
      }
    }
    return filter.holds(values, 4)
  }

  /// What is asked, and the rows for which it holds.
  @Test func conditions() throws {
    let cases: [(String, [Int])] = [
      ("Age >= 18", [1, 3]), ("Age<18", [0]), ("Age == 18", [1]), ("Age != 18", [0, 3]), ("Age <= 17.0", [0]),
      ("Age > +1.8e1", [3]), ("not Age >= 18", [0, 2]), ("Age is missing", [2]), ("Age IS NOT missing", [0, 1, 3]),
      ("Status == 'void'", [0]), ("Status != \"void\"", [1, 3]), ("Status == 'it''s'", [3]),
      ("Status in ('void', 'open')", [0, 1]), ("Status not in ('void', 'open')", [3]), ("Status < 'open'", [3]),
      ("Status is missing or Status >= 'open'", [0, 1, 2]), ("Job == 'void'", [0]), ("Job is missing", [2]),
      ("Since >= '2020-01-01'", [0, 3]), ("Since < '2019-12-31T12:00'", [1]), ("Since is missing", [2]),
      ("Code > 0", [0, 3]), ("Code in (4, -3)", [2, 3]), ("`a b` >= 1 and Age is not missing", [1, 3]),
      ("Age > 0 and Code > 0 or Status == 'open'", [0, 1, 3]),
      ("Age > 0 and (Code > 0 or Status == 'open')", [0, 1, 3]),
      ("Code > 0 or Status == 'open' and Age > 20", [0, 3]), ("not (Age < 18 or Status == 'it''s')", [1, 2]),
      ("not not Age > 0", [0, 1, 3]), ("`Age` > 0 and not Age > 30", [0, 1]),
    ]
    for (text, rows) in cases {
      let found = try Self.holds(text)
      #expect(found.indices.filter { found[$0] } == rows, "\(text)")
    }
  }

  /// Where a filter is wrong, and the cure.
  @Test func mistakes() {
    let cases: [(String, Int, String)] = [
      ("", 1, "expected a column, found the end"), ("Age", 4, "expected a comparison, in, or is missing behind Age"),
      ("Age = 18", 5, "write =="), ("Age <> 18", 5, "write !="), ("Age > 1 && Age < 3", 9, "write and"),
      ("Age >", 6, "found the end"), ("Age > 18x", 7, "expected a number, found 18x"), ("Age > 1e999", 7, "1e999"),
      ("Age > '18'", 7, "expected a number, as Age has numbers, found '18'"), ("18 < Age", 1, "write the column first"),
      ("Since > 2020", 9, "expected a date in quotes"), ("Since > '1.2.2020'", 9, "expected a date in ISO 8601"),
      ("Status == void", 11, "write 'void'"), ("Status == 'void", 11, "expected another '"),
      ("(Age > 1", 9, "expected and, or, or ), found the end"), ("Age > 1)", 8, "found )"),
      ("Age > 1 Age < 2", 9, "expected and, or, or the end, found Age"), ("Age in 1", 8, "expected ( behind in"),
      ("Age in ()", 9, "found )"), ("Age in (1 2)", 11, "expected , or )"), ("Age is 3", 8, "expected missing"),
      ("Age not 3", 9, "expected in behind not"), ("in > 3", 1, "in backquotes"), ("Age > 1 ; x", 9, "found ;"),
      (String(repeating: "(", count: 500), 101, "at most 100 conditions"),
      (String(repeating: "not ", count: 100_000), 401, "at most 100 conditions"), ("Age > \u{0}", 7, "found"),
    ]
    for (text, place, words) in cases {
      do throws(FilterFault) {
        _ = try RowFilter(text, declared: Self.storage)
        Issue.record("\(text.prefix(40)) is taken")
      } catch {
        let told = "\(error.fault); \(error.cure ?? "")"
        #expect(error.place == place && told.contains(words), "\(text.prefix(40)): \(error.place): \(told)")
      }
    }
  }

  /// Whatever stands there, a filter is read or refused.
  @Test func damagedFilters() {
    let text = Array("Age >= 18 and (Status not in ('a', \"b\") or `a b` is not missing)")
    var taken = 0
    for round in 0..<5000 {
      var damaged = text
      var state = UInt64(round) &* 0x9e37_79b9_7f4a_7c15 | 1
      for _ in 0...round % 4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        let place = Int(state >> 33) % damaged.count
        switch state >> 20 & 3 {
        case 0: damaged.remove(at: place)
        case 1: damaged.insert(text[Int(state >> 40) % text.count], at: place)
        case 2: damaged[place] = Character(UnicodeScalar(UInt8(state >> 50 & 127)))
        default: damaged.removeSubrange(place..<min(damaged.count, place + 5))
        }
        if damaged.isEmpty { damaged = ["A"] }
      }
      if (try? RowFilter(String(damaged), declared: Self.storage)) != nil { taken += 1 }
    }
    #expect(taken > 50 && taken < 4000)
  }

  private func settingsOf(_ rows: String, _ columns: String = "{number: [age, income]}") throws -> TableSettings {
    try settings(
      "source: {csv: {files: \(folder["people.csv"])}}\ntarget: outcome\nkeep-under: \(folder["prepared"])\n"
        + "columns: [\(columns)]\n\(rows)\n")
  }

  @Test func rowsAreLeftOutAndCounted() throws {
    let csv = People.csv(1000) { row, cells in
      if row % 100 == 0, row < 900 { cells[1] = "-4" }
      if row % 50 == 7 { cells[3] = "void" }
      // A row that is left out may hold anything else.
      if row == 57 { cells[2] = "much" }
    }
    let rows = "rows: {filter: \"home != 'void' or home is missing\", ranges: {age: [0, 120], income: [null, 1e6]}}"
    let table = try People.prepared(csv, in: folder, rows, columns: "columns: [{number: [age, income]}]")
    let aside = table.summary.aside
    #expect(aside.filtered == 20 && aside.faulty == 9 && aside.read == 1000 && aside.duplicates == nil)
    #expect(table.summary.rows.values.reduce(0, +) == 971)
    let quarantine = try String(contentsOfFile: table.directory + "/quarantine.csv", encoding: .utf8)
    let first = quarantine.replacing(folder.path + "/", with: "").split(separator: "\n")[1]
    #expect(first == "people.csv,2,age,\"expected a number from 0 to 120, found -4\"")
    let report = table.report(try settingsOf(rows))
    #expect(report.contains("\n20 left out by the filter home != 'void' or home is missing\n"), "\(report)")
    // Without what is no rule, the digest of a table is what it was.
    let plain = try People.prepared(csv.replacing("much", with: "1"), in: folder)
    let idle = try People.prepared(
      csv.replacing("much", with: "1"), in: folder, "rows: {filter: null, duplicates: keep, ranges: {}}")
    #expect(idle.summary == plain.summary && idle.directory == plain.directory)
  }

  /// What a split takes for dates are dates to a filter, in the split's format.
  @Test func datesOfTheSplit() throws {
    let csv = People.csv(120) { row, cells in cells[5] = "0\(1 + row % 9).0\(1 + row % 3).20\(10 + row % 12)" }
    let extra = "split: {time: {by: since, format: \"%d.%m.%Y\"}}\nrows: {filter: \"since < '2013-01-01'\"}"
    let table = try People.prepared(csv, in: folder, extra, columns: "columns: [{number: income}]")
    #expect(table.summary.aside.filtered == 90 && table.summary.aside.faulty == 0)
  }

  @Test func duplicates() throws {
    let lines = People.csv(200).split(separator: "\n").map(String.init)
    // Row 3 is missing an age in all copies; what is not used of a row does not matter.
    let copies = [3, 10, 10].map { "9\($0)" + lines[$0 + 1].drop { $0 != "," } }
    let csv = (lines + copies).map { $0 + "\n" }.joined()
    let columns = "columns: [{number: [age, income]}, {category: home}, {date: since}]"
    let table = try People.prepared(csv, in: folder, "rows: {duplicates: drop}", columns: columns)
    let plain = try People.prepared(People.csv(200), in: folder, columns: columns)
    #expect(table.summary.aside.duplicates == 3 && plain.summary.aside.duplicates == nil)
    #expect(table.preparation == plain.preparation && table.features(.train) == plain.features(.train))
    #expect(table.summary.schema != plain.summary.schema)
    let kept = try People.prepared(csv, in: folder, columns: columns)
    #expect(kept.summary.rows.values.reduce(0, +) == 203)
    // One bit is enough to differ; 0 and -0 are one number.
    var rows = DuplicateRows()
    let numbers = CodedColumn.numbers([1, 1.0.nextUp, 0, -0.0, .nan, .nan])
    #expect((0..<6).map { rows.isKnown([numbers], $0) } == [false, false, false, true, false, true])
    let texts = [CodedColumn.texts(["a", "", nil, "ab"]), .texts(["b", "ab", "ab", ""])]
    #expect((0..<4).map { rows.isKnown(texts, $0) } == [false, false, false, false])
  }

  /// A row to predict that is left out says why; parts of a filter that need the target hold for rows that have one.
  @Test func predictedRows() throws {
    let rows =
      "rows: {duplicates: drop, filter: \"outcome != 'bad' and age > 20 and home != 'void'\", ranges: {income: [0, 900]}}"
    let csv = People.csv(300) { row, cells in cells[6] = ["bad", "good", "fair"][row % 3] }
    let table = try People.prepared(csv, in: folder, rows, columns: "columns: [{number: [age, income]}]")
    #expect(table.preparation.classes == ["fair", "good"])
    let path = try folder.write(
      "new.csv", "age,income,home\n30,5,rent\n30,5,rent\n20,5,rent\n,5,rent\n30,901,rent\n30,5,void\n30,x,void\n")
    let batch = try #require(
      try RawRows(path, settingsOf(rows), table.preparation, withTargets: false).next(most: 100))
    let reason = "left out by the filter outcome != 'bad' and age > 20 and home != 'void'"
    #expect(
      batch.problems == [
        2: reason, 3: reason, 4: "column 'income': expected a number from 0 to 900, found 901", 5: reason, 6: reason,
      ])
    #expect(batch.count == 7 && batch.features.count == 4)
    // With targets all of it holds, and bad rows alone are counted as such.
    let measured = try RawRows(folder["people.csv"], settingsOf(rows), table.preparation, withTargets: true)
    while try measured.next(most: 64) != nil {}
    #expect(measured.aside.filtered == table.summary.aside.filtered && measured.aside.faulty == 0)
  }

  /// A row that is left out, or bad for another reason, decides nothing of the others.
  @Test func badRowsDecideNothing() throws {
    let lines = (0..<300).map { row in
      (row == 0 ? "bad,1 2," : "\(row),1 2 \(row % 7),") + (row % 3 == 0 ? "good\n" : "fair\n")
    }
    let csv = "x,v,outcome\n" + lines.joined()
    let columns = "columns: [{number: x}, {vector: v}]"
    let table = try People.prepared(csv, in: folder, columns: columns)
    #expect(table.summary.aside.faulty == 1 && table.featureNames.count == 4)
    let path = try folder.write("new.csv", "x,v\n1,1 2\n2,1 2 3\n3,\n")
    let all = try settings(
      "source: {csv: {files: \(path)}}\ntarget: outcome\n\(columns)\nrows: {filter: v is not missing}\n")
    let batch = try #require(try RawRows(path, all, table.preparation, withTargets: false).next(most: 9))
    #expect(
      batch.problems == [
        0: "column 'v': expected 3 numbers, found 2", 2: "left out by the filter v is not missing",
      ])
    // The share is that of rows which were looked at.
    let few = message {
      _ = try People.prepared(csv, in: folder, "rows: {filter: x < 20}\nquarantine-at-most: 0.04", columns: columns)
    }
    #expect(few.contains("1 of 20 rows cannot be used"), "\(few)")
  }

  /// Words that are too seldom for features are those of training rows all the same.
  @Test func seldomWordsAreNoDrift() throws {
    let csv = People.csv(1200) { row, cells in cells[3] = row % 2 == 0 ? "often" : "home \(row % 60)" }
    let columns = "columns: [{category: {columns: home, min-frequency: 100}}]"
    let table = try People.prepared(csv, in: folder, columns: columns)
    let all = try settings("source: {csv: {files: \(folder["people.csv"])}}\ntarget: outcome\n\(columns)\n")
    let rows = try RawRows(folder["people.csv"], all, table.preparation, withTargets: false)
    while try rows.next(most: 500) != nil {}
    #expect(rows.findings(of: rows.counts) == [])
  }

  @Test func whatCannotBeRead() {
    func failure(_ rows: String) -> String {
      message { _ = try People.prepared(People.csv(50), in: folder, "rows: \(rows)") }
    }
    let cases = [
      (
        "{filter: agee > 20}",
        "people.csv: rows.filter, character 1: expected a column, found 'agee'; did you mean 'age'?"
      ),
      (
        "{filter: age >}",
        "table.yaml:9: rows.filter: expected a number, or a text in quotes, found the end, at character 6"
      ),
      (
        "{filter: age > 200}",
        "people.csv: expected rows for which the filter holds, found none of 50; correct rows.filter"
      ),
      (
        "{ranges: {age: [3, 1]}}",
        "table.yaml:9: rows.ranges.age: expected the lower bound first, found [3, 1]; swap them"
      ),
      ("{ranges: {age: [3]}}", "expected a number of elements of exactly 2, found 1"),
      ("{ranges: {age: [a, 3]}}", "table.yaml:9: rows.ranges.age.0: expected a number, found a"),
      ("{ranges: {agee: [0, 3]}}", "expected a column 'agee'"),
      ("{duplicate: drop}", "table.yaml:9: rows.duplicate: unknown key; did you mean duplicates?"),
      ("{duplicates: yes}", "expected one of keep, drop, found yes"),
      ("{filter: home > 3}", "column 'home': expected a number, found"),
    ]
    for (rows, words) in cases {
      let found = failure(rows)
      #expect(found.contains(words), "\(rows): \(found)")
    }
  }
}
