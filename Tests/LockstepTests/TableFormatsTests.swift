import CSQLiteSystem
import Files
import Foundation
import Goldens
import Parquet
import Preparation
import Tables
import TestSupport
import Testing

@testable import Lockstep

/// One table in each form that it may be kept in: what is raw is another, what is made of it the same, to the last bit.
@Suite struct TableFormatsTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private struct Loan {
    let number: Int
    let income: Double?
    let job: String?
    let since: String
    let outcome: String
  }

  private static let loans = (0..<600).map { row in
    let (income, job) = (row * 37 % 101, row * 13 % 3)
    return Loan(
      number: row, income: row % 17 == 4 ? nil : Double(income) / 4,
      job: row % 19 == 7 ? nil : ["fixed", "free", "n, \"o\""][job],
      since: "20\(10 + row % 10)-0\(1 + row % 9)-1\(row % 10)",
      outcome: income > 40 + 20 * job ? "good" : "bad")
  }

  /// Its lines.
  private func csv(_ loans: some Sequence<Loan>, separator: String = ",") -> String {
    let rows = loans.map { loan in
      let job = loan.job.map { "\"\($0.replacing("\"", with: "\"\""))\"" } ?? ""
      return ["\(loan.number)", loan.income.map { "\($0)" } ?? "", job, loan.since, loan.outcome]
    }
    return ([["number", "income", "job", "since", "outcome"]] + rows).map { $0.joined(separator: separator) + "\n" }
      .joined()
  }

  /// Writes it in a form, and returns the source as a configuration has it.
  private func write(_ form: String) throws -> String {
    let loans = Self.loans
    switch form {
    case "csv":
      return "{csv: {files: \(try folder.write("loans.csv", csv(loans)))}}"
    case "semicolons in parts":
      for part in 0..<3 {
        let rows = loans[part * 200..<part * 200 + 200]
        try folder.write("part-\(part).csv", csv(rows, separator: ";"))
      }
      return "{csv: {files: \(folder["part-*.csv"]), separator: ;}}"
    case "jsonl":
      let lines = try loans.map { loan -> String in
        var fields: [String: Any] = ["number": loan.number, "since": loan.since, "outcome": loan.outcome]
        fields["income"] = loan.income
        fields["job"] = loan.job
        return String(decoding: try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys), as: UTF8.self)
      }
      return "{jsonl: {files: \(try folder.write("loans.jsonl", lines.map { "\($0)\n" }.joined()))}}"
    case "parquet":
      let file = try OutputFile(folder["loans.parquet"])
      let columns = [
        ParquetColumn("number", .integer), ParquetColumn("income", .double), ParquetColumn("job", .text),
        ParquetColumn("since", .day), ParquetColumn("outcome", .text),
      ]
      let writer = try ParquetWriter(into: file, columns, groupRows: 100)
      let days = loans.map { Int32(DateFormat().instant($0.since)! / 86_400_000_000) }
      try writer.write([
        (.integers(loans.map { Int64($0.number) }), []),
        (.doubles(loans.map { $0.income ?? 0 }), loans.map { $0.income == nil }),
        (.texts(TextCells(loans.map { $0.job ?? "" })), loans.map { $0.job == nil }), (.days(days), []),
        (.texts(TextCells(loans.map(\.outcome))), []),
      ])
      try writer.finish()
      try file.finish()
      return "{parquet: {files: \(folder["loans.parquet"])}}"
    default:
      try? FileManager.default.removeItem(atPath: folder["loans.db"])
      var database: OpaquePointer?
      defer { sqlite3_close(database) }
      func text(_ word: String) -> String { "'\(word.replacing("'", with: "''"))'" }
      let values = loans.reversed().map { loan in
        "(\(loan.number), \(loan.income.map { "\($0)" } ?? "NULL"), \(loan.job.map(text) ?? "NULL"), \(text(loan.since)), "
          + "\(text(loan.outcome)))"
      }
      let statement =
        "CREATE TABLE loans (number INTEGER PRIMARY KEY, income REAL, job TEXT, since TEXT, outcome TEXT);"
        + "INSERT INTO loans VALUES \(values.joined(separator: ", "));"
      #expect(sqlite3_open(folder["loans.db"], &database) == SQLITE_OK)
      #expect(sqlite3_exec(database, statement, nil, nil, nil) == SQLITE_OK)
      return "{sqlite: {file: \(folder["loans.db"]), query: \"SELECT * FROM loans\", key: number}}"
    }
  }

  @Test func everyFormMakesTheSameModel() throws {
    var receipts: [Receipt] = []
    let forms = ["csv", "semicolons in parts", "jsonl", "parquet", "sqlite"]
    for (place, form) in forms.enumerated() {
      let recipe = folder["\(place).yaml"]
      try TableDraft(write(form), target: "outcome", configuration: recipe).write(to: recipe)
      try train(recipe, ["data.table.keep-under=\(folder["prepared"])", "epochs=2"], in: folder["\(place)"])
      receipts.append(try Receipt(ofRun: folder["\(place)"]))
    }
    for (form, receipt) in zip(forms, receipts).dropFirst() {
      for (link, expected) in zip(receipt.links, receipts[0].links) where !["raw", "schema"].contains(link.name) {
        #expect(link.output == expected.output, "\(link.name) of \(form)")
      }
      #expect(receipt.links[0].output != receipts[0].links[0].output)
    }
  }

  /// What was trained from a database is asked about a file, and answers in any format.
  @Test func rowsOfAnyFormArePredicted() throws {
    let recipe = folder["loans.yaml"]
    try TableDraft(write("sqlite"), target: "outcome", configuration: recipe).write(to: recipe)
    try train(recipe, ["data.table.keep-under=\(folder["prepared"])", "epochs=2"], in: folder["run"])
    let model = try Model(folder["run"])
    var texts: [String] = []
    for form in ["csv", "jsonl", "parquet", "sqlite"] {
      _ = try write(form)
      let input = folder[form == "sqlite" ? "loans.db" : "loans.\(form)"]
      #expect(try model.writePredictions(of: input, to: folder["\(form)-out.csv"]) == 600)
      texts.append(try folder.text("\(form)-out.csv"))
    }
    #expect(Set(texts).count == 1)
    try model.writePredictions(of: folder["loans.csv"], to: folder["out.parquet"])
    let reader = try ParquetReader(folder["out.parquet"])
    let chunk = try #require(try reader.next(most: 1000))
    #expect(reader.fields.map(\.name) == ["prediction", "probability of bad", "probability of good", "problem"])
    let lines = texts[0].split(separator: "\n").dropFirst()
    guard case .texts(let classes) = chunk.columns[0].values, case .numbers(let numbers) = chunk.columns[1].values
    else {
      Issue.record("other columns: \(reader.fields)")
      return
    }
    for (row, line) in lines.enumerated() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      #expect(classes[row] == cells[0] && Float(numbers[row]) == Float(cells[1]), "row \(row)")
    }
    #expect(chunk.columns[3].isMissing == [Bool](repeating: true, count: 600))
    try model.writePredictions(of: folder["loans.csv"], to: folder["kept.csv"], keeping: ["job", "number"])
    let kept = try folder.text("kept.csv").split(separator: "\n")
    #expect(kept[0] == "job,number,prediction,probability of bad,probability of good,problem")
    #expect(kept[3].hasPrefix("\"n, \"\"o\"\"\",2,") && kept[8].hasPrefix(",7,"))
    #expect(
      kept.dropFirst().map { $0.split(separator: ",").suffix(2) } == lines.map { $0.split(separator: ",").suffix(2) })
    try model.writePredictions(of: folder["loans.parquet"], to: folder["kept.jsonl"], keeping: ["since", "job"])
    #expect(try folder.text("kept.jsonl").hasPrefix("{\"since\": \"2010-01-10\", \"job\": \"fixed\", \"prediction\": "))
    #expect(
      failure { try model.writePredictions(of: folder["loans.csv"], to: folder["kept.npy"], keeping: ["job"]) }?.code
        == .usage)
    #expect(!folder.exists("kept.npy"))
    try model.writePredictions(of: folder["loans.csv"], to: folder["out.npy"])
    let array = try MappedArray<Float>(folder["out.npy"])
    #expect(array.count == 1200)
    #expect(
      array.withUnsafeBufferPointer { array in numbers.indices.allSatisfy { array[2 * $0] == Float(numbers[$0]) } })
  }

  /// Rows that are not like those of training are told of, and others are not.
  @Test func driftIsTold() throws {
    let recipe = folder["loans.yaml"]
    try TableDraft(write("csv"), target: "outcome", configuration: recipe).write(to: recipe)
    try train(recipe, ["data.table.keep-under=\(folder["prepared"])", "epochs=1"], in: folder["run"])
    let model = try Model(folder["run"])
    func findings(_ loans: [Loan]) throws -> [String] {
      var lines: [String] = []
      try model.writePredictions(of: folder.write("new.csv", csv(loans)), to: folder["out.csv"]) { lines.append($0) }
      return lines
    }
    #expect(try findings(Self.loans) == [])
    let others = Self.loans.map { loan in
      Loan(
        number: loan.number, income: loan.income.map { $0 + 20 }, job: loan.number % 2 == 0 ? "pilot" : loan.job,
        since: loan.since, outcome: loan.outcome)
    }
    let told = try findings(others)
    #expect(told.count == 2)
    #expect(told[0].hasPrefix("column 'income': 600 rows are not like those of training: population stability index "))
    #expect(told[0].hasSuffix(" % outside of what training rows have, 0 to 25"), "\(told)")
    #expect(
      told[1].hasPrefix("column 'job': ")
        && told[1].hasSuffix("50.0 % with a word that training rows have seldom or not"))
    // Too few to tell anything.
    #expect(try findings(Array(others.prefix(50))) == [])
  }

  /// Rows of an array of two dimensions are vectors, or columns: the same features, and predictions from any form.
  @Test func rowsOfArraysAreVectors() throws {
    func path(_ file: String) -> String { goldenPath("tables/\(file)") }
    var sources = [
      ("{npz: {files: \(path("rows.npz"))}}", "vector: x"),
      ("{npz: {files: \(path("rows.npz"))}}", "number: [x_0, x_1, x_2, x_3]"),
    ]
    var inputs = ["rows.npz", "x.npy"]
    #if ExternalTables
      sources.append(("{hdf5: {files: \(path("rows.h5"))}}", "vector: x"))
      inputs.append("rows.h5")
    #endif
    var digests: Set<String> = []
    for (place, (source, columns)) in sources.enumerated() {
      let recipe = try folder.write(
        "\(place).yaml",
        """
        data: {table: {source: \(source), target: y, keep-under: \(folder["prepared"]), columns: [{\(columns)}]}}
        model: linear
        optimizer: {adam: 0.1}
        batch: 32
        micro-batch: 8
        epochs: 20

        """)
      digests.insert(try train(recipe, in: folder["\(place)"]))
    }
    #expect(digests.count == 1)
    let model = try Model(folder["0"])
    #expect(try model.evaluate(model.testData()).headline.value > 0.8)
    var texts: Set<String> = []
    for input in inputs {
      #expect(try model.writePredictions(of: path(input), to: folder["out.csv"]) == 120)
      texts.insert(try folder.text("out.csv"))
    }
    #expect(texts.count == 1)
    let other = failure { try model.writePredictions(of: path("c-order.npy"), to: folder["out.csv"]) }
    #expect(other?.description.contains("expected a column 'x', found '0', '1', '2'") == true, "\(other as Any)")
  }

  /// What another writes while a table is prepared is not seen by half.
  @Test func aDatabaseIsReadInOneState() throws {
    let source = try write("sqlite")
    let recipe = folder["loans.yaml"]
    try TableDraft(source, target: "outcome", configuration: recipe).write(to: recipe)
    let before = try RunConfiguration(recipeOrFile: recipe, overrides: ["data.table.keep-under=\(folder["a"])"])
    let first = try before.data.links(seed: 1)
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    #expect(sqlite3_open(folder["loans.db"], &database) == SQLITE_OK)
    #expect(sqlite3_exec(database, "VACUUM", nil, nil, nil) == SQLITE_OK)
    let vacuumed = try RunConfiguration(recipeOrFile: recipe, overrides: ["data.table.keep-under=\(folder["b"])"])
    #expect(try vacuumed.data.links(seed: 1).map(\.output) == first.map(\.output), "the rows are the same")
    #expect(sqlite3_exec(database, "UPDATE loans SET income = 7 WHERE number = 3", nil, nil, nil) == SQLITE_OK)
    let changed = try RunConfiguration(recipeOrFile: recipe, overrides: ["data.table.keep-under=\(folder["c"])"])
    #expect(try changed.data.links(seed: 1)[0].output != first[0].output)
  }
}
