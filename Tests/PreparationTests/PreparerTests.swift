import Foundation
import Preparation
import Tables
import TestSupport
import Testing

@Suite struct PreparerTests {
  @Test func features() throws {
    let folder = try Folder()
    let table = try People.prepared(People.csv(1000), in: folder, "split: {random: {test: 0.2, validation: 0.1}}")
    #expect(
      table.featureNames == [
        "age", "age missing", "income", "home=owner", "home=parents", "home=rent", "home missing", "member=yes",
        "since since", "since year-cycle sin", "since year-cycle cos", "since week-cycle sin", "since week-cycle cos",
      ])
    #expect(table.summary.rows == ["train": 700, "validation": 100, "test": 200])
    #expect(table.preparation.classes == ["bad", "good"])
    let train = table.features(.train)
    #expect(train.count == 700)
    // Standardised on the training rows, what was filled in among them.
    for place in [0, 2, 8] {
      let values = train.map { Double($0[place]) }
      let mean = values.reduce(0, +) / 700
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 700).squareRoot()
      #expect(abs(mean) < 1e-6 && abs(deviation - 1) < 1e-6, "\(table.featureNames[place])")
    }
    for row in train + table.features(.test) {
      #expect(row[1] == 0 || abs(row[0]) < 1e-6, "what is missing is the mean")
      #expect(row[3] + row[4] + row[5] + row[6] == 1)
      #expect(abs(row[9] * row[9] + row[10] * row[10] - 1) < 1e-6)
    }
    #expect(table.features(.train).contains { $0[1] == 1 } && table.features(.train).contains { $0[6] == 1 })
  }

  /// Rows stay in their order, with their targets.
  @Test func rowsKeepTheirTargets() throws {
    let folder = try Folder()
    let csv = People.csv(300) { row, cells in cells[2] = "\(row)" }
    let table = try People.prepared(
      csv, in: folder, "split: random", columns: "columns: [{number: {columns: income, scale: none}}]")
    let lines = csv.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    for part in [Part.train, .test] {
      let rows = table.features(part).map { Int($0[0]) }
      #expect(rows == rows.sorted())
      #expect(table.classes(part) == rows.map { String(lines[$0][6]) })
    }
    #expect(Set(table.features(.train) + table.features(.test)).count == 300)
  }

  @Test func sameBytesAndKept() throws {
    let folders = try (0..<3).map { _ in try Folder() }
    // Rows of which some are set aside, so that messages are compared as well.
    let csv = People.csv(40_000) { row, cells in
      if row % 999 == 7 { cells[1] = "old" }
      if row % 1998 == 7 { cells[5] = "never" }
    }
    // Threads that share a core fall behind each other.
    let tables = try zip(folders, [[0], [0, 0, 0], [0, 0, 0, 0, 0, 0, 0]]).map {
      try People.prepared(csv, in: $0, "split: {random: {validation: 0.1}}", cores: $1)
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: tables[0].directory) {
      let texts = try zip(folders, tables).map { folder, table in
        let bytes = try #require(FileManager.default.contents(atPath: "\(table.directory)/\(name)"))
        // Messages name the folder.
        return String(decoding: bytes, as: UTF8.self).replacing(folder.path, with: "")
      }
      #expect(Set(texts).count == 1, "\(name)")
    }
  }

  @Test func keptAndFoundAgain() throws {
    let folders = [try Folder()]
    let tables = [try People.prepared(People.csv(5000), in: folders[0])]
    // Found again: nothing is written.
    let before = try FileManager.default.attributesOfItem(atPath: tables[0].directory)[.modificationDate] as? Date
    let again = try People.prepared(People.csv(5000), in: folders[0])
    let after = try FileManager.default.attributesOfItem(atPath: again.directory)[.modificationDate] as? Date
    #expect(again.directory == tables[0].directory && before == after)
    // Other data, another seed or another setting is another preparation.
    let others = [
      try People.prepared(People.csv(5001), in: folders[0]),
      try People.prepared(People.csv(5000), in: folders[0], seed: 2),
      try People.prepared(People.csv(5000), in: folders[0], "split: {random: {test: 0.3}}"),
    ]
    #expect(Set(others.map(\.directory) + [again.directory]).count == 4)
    #expect(folders[0].names("prepared").filter { $0.contains("partial") } == [])
  }

  /// What was prepared stays where it is, with its digests: a setting that is not used decides nothing.
  @Test func theDigestOfATableStays() throws {
    let table = try People.prepared(People.csv(1000), in: try Folder())
    #expect(table.directory.hasSuffix("/bb19385944c9d251"))
    #expect(
      table.summary.schema == "sha256:af750b1b4b96857b552b5de7dfc978d33e9c50309e22db07a1de74be3bf50b3c"
        && table.summary.transform == "sha256:db4786e5b897ed83edaaf7267af59d4a062421b6a4380ef2c050d4e48c623931"
        && table.summary.prepared == "sha256:6eae8ab9b55ca7828c41ffea1c723ad3fb3ffc14b7cedbc59847adefe9302b8e")
  }

  /// The network cannot learn from rows that it is measured on: whatever stands in them, nothing that training sees changes.
  @Test func nothingLeaks() throws {
    let extra = "split: {hash: {by: id, test: 0.3, validation: 0.1}}"
    let folders = try (0..<2).map { _ in try Folder() }
    let plain = try People.prepared(People.csv(2000), in: folders[0], extra)
    // Which rows are not for training: the income tells the row.
    let numbered = try People.prepared(
      People.csv(2000) { row, cells in cells[2] = "\(row)" }, in: try Folder(), extra,
      columns: "columns: [{number: {columns: income, scale: none}}]")
    let measured = Set((numbered.features(.test) + numbered.features(.validation)).map { Int($0[0]) })
    #expect(measured.count > 600)
    let altered = try People.prepared(
      People.csv(2000) { row, cells in
        guard measured.contains(row) else { return }
        cells = [
          cells[0], "1e6", "", "castle \(row)", row % 2 == 0 ? "" : "perhaps", "1999-01-01",
          row % 3 == 0 ? "bad" : "good",
        ]
      }, in: folders[1], extra)
    #expect(altered.preparation == plain.preparation)
    #expect(altered.features(.train) == plain.features(.train) && altered.classes(.train) == plain.classes(.train))
    #expect(altered.features(.test) != plain.features(.test))
    // Breaking it on purpose: a training row does change the statistics.
    let broken = try People.prepared(
      People.csv(2000) { row, cells in if !measured.contains(row) { cells[1] = "1e6" } }, in: try Folder(), extra)
    #expect(broken.preparation != plain.preparation)
  }

  @Test func badRowsAreSetAside() throws {
    let folder = try Folder()
    let csv = People.csv(1000) { row, cells in
      if row == 10 { cells[1] = "old" }
      if row == 20 { cells.removeLast() }
      if row == 30 { cells[5] = "2020-02-30" }
      if row == 40 { cells[2] = "inf" }
      if row == 50 || row == 51 { cells[6] = "" }
    }
    let table = try People.prepared(csv, in: folder)
    #expect(table.summary.aside.read == 1000 && table.summary.aside.faulty == 4)
    #expect(table.summary.aside.incomplete == ["outcome": 2])
    #expect(table.summary.rows.values.reduce(0, +) == 994)
    let quarantine = try String(contentsOfFile: table.directory + "/quarantine.csv", encoding: .utf8)
    #expect(
      quarantine.replacing(folder.path + "/", with: "") == """
        source,row,column,reason
        people.csv,12,age,"expected a number, found 'old'"
        people.csv,22,,"expected 7 cells as in the first record, found 6"
        people.csv,32,since,"expected a date in ISO 8601 (2026-11-24), found '2020-02-30'"
        people.csv,42,income,"expected a finite number, found 'inf'"

        """)
    let few = message { _ = try People.prepared(csv, in: try Folder(), "quarantine-at-most: 0.003") }
    #expect(
      few
        == "people.csv:12: column 'age': expected a number, found 'old': 4 of 1,000 rows cannot be used, expected at most "
        + "0.30 %; correct them, correct the column's kind, or raise quarantine-at-most")
  }

  @Test func whatCannotBePrepared() throws {
    func failure(_ csv: String, _ extra: String = "", target: String = "outcome", columns: String = People.columns)
      -> String
    {
      message {
        let folder = try Folder()
        _ = try People.prepared(csv, in: folder, extra, target: target, columns: columns)
      }
    }
    #expect(
      failure(People.csv(50), columns: "columns: [{number: agee}]")
        == "people.csv: expected a column 'agee', found 'id', 'age', 'income', 'home', 'member', 'since', 'outcome'; "
        + "did you mean 'age'?")
    #expect(
      failure(People.csv(50), columns: "columns: [{number: home}]", ).hasPrefix(
        "people.csv:2: column 'home': expected a number, found 'owner': 46 of 50 rows cannot be used"))
    #expect(
      failure(People.csv(50) { $1[1] = "" })
        == "people.csv: column 'age': expected numbers in training rows, found none; leave it out of the columns")
    #expect(
      failure(People.csv(50) { $1[4] = "yes" })
        == "people.csv: column 'member': expected two different words in training rows, found 1; leave it out of the columns"
    )
    #expect(
      failure(People.csv(50) { $1[6] = "good" })
        == "people.csv: column 'outcome': expected several classes in training rows, found 'good' alone; check which column is "
        + "the target")
    #expect(
      failure(People.csv(50), "classes: [good, worse]")
        == "people.csv: column 'outcome': expected one of 2 classes, found 'bad'; add it to the classes")
    #expect(
      failure("id,age,income,home,member,since,outcome\n")
        == "people.csv: expected rows, found none; check the path, or the query")
    #expect(
      failure(People.csv(50), "split: {fixed: {by: home}}")
        == "people.csv:2: column 'home': expected train, validation or test, found 'owner'; correct it, or use another split"
    )
    #expect(failure(People.csv(50), "split: {time: {by: since, test: 0.5}}", target: "age", ).hasPrefix("table.yaml"))
    #expect(
      failure(People.csv(50), target: "[home, outcome]", columns: "columns: [{number: income}]")
        == "table.yaml:2: target: expected one column of classes, found 2; set kind: values for numbers, or a list of kinds, one a column"
    )
    #expect(
      failure(People.csv(50), target: "age")
        == "table.yaml:5: columns: expected columns to predict from, found age, which is predicted; leave it out")
    #expect(failure(People.csv(50), columns: "columns: [{number: [age, age]}]").contains("age is named twice"))
  }

  /// What words and terms take is bounded, and decides nothing else.
  @Test func wordsThatMemoryDoesNotHold() throws {
    let csv = People.csv(40_000) { row, cells in cells[3] = "a rather long word that row \(row) has alone" }
    func prepared(_ memory: Int, _ column: String) throws -> PreparedTable {
      try People.prepared(csv, in: try Folder(), "memory: \(memory)", columns: "columns: [\(column)]")
    }
    let category = "{category: {columns: home, min-frequency: 2}}, {number: age}"
    let few = message { _ = try prepared(1, category) }
    #expect(
      few.hasPrefix("column 'home': expected words of all columns that take at most 1 MiB, found 16,3"), "\(few)")
    #expect(
      few.hasSuffix(
        "raise memory, or, where it is one of the columns and identifies rows, make it hashed or leave it out"))
    #expect(try prepared(8, category).summary == prepared(64, category).summary)
    let text = message { _ = try prepared(1, "{text: home}") }
    #expect(text.hasPrefix("people.csv: column 'home': expected terms that take at most 1 MiB, found "), "\(text)")
    #expect(try prepared(1, "{text: {columns: home, buckets: 8}}").featureNames.count == 8)
    // Each of 40,000 is new in its row once; the words beside it take their room once.
    #expect(try prepared(8, "{text: home}").featureNames.count > 1)
    #expect(message { _ = try prepared(0, category) }.contains("memory: expected"))
  }

  @Test func numbersArePredicted() throws {
    let folder = try Folder()
    let table = try People.prepared(
      People.csv(100), in: folder, "kind: values", target: "[income]", columns: "columns: [{number: age}]")
    guard case .values(let values)? = table[.train]?.targets else {
      Issue.record("no values")
      return
    }
    #expect(values.count == 80 && table.preparation.classes == nil)
  }
}
