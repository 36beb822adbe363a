import Foundation
import Preparation
import Tables
import TestSupport
import Testing

@testable import Lockstep

/// From a table in a file to predictions, and the receipt that tells of all of it.
@Suite struct TableRunTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// Whether a loan is paid back depends on income and kind of work; some cells are empty.
  private func loans(_ count: Int, change: (Int, inout [String]) -> Void = { _, _ in }) -> String {
    var text = "number,income,job,since,outcome\n"
    for row in 0..<count {
      let (income, job) = (row * 37 % 101, row * 13 % 3)
      var cells = [
        "\(row)", row % 17 == 4 ? "" : "\(Double(income) / 4)", row % 19 == 7 ? "NA" : ["fixed", "free", "none"][job],
        "20\(10 + row % 10)-0\(1 + row % 9)-1\(row % 10)", income > 40 + 20 * job ? "good" : "bad",
      ]
      change(row, &cells)
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }

  private func draft(_ csv: String, target: String = "outcome") throws -> String {
    let path = try folder.write("loans.csv", csv)
    let draft = try TableDraft(path, target: target, configuration: folder["loans.yaml"])
    try draft.write(to: folder["loans.yaml"])
    return folder["loans.yaml"]
  }

  private var settings: [String] { ["data.table.keep-under=\(folder["prepared"])"] }

  @Test func aDraftTrainsAndTheReceiptIsThatOfAnyRanks() throws {
    let recipe = try draft(loans(1500))
    let text = try folder.text("loans.yaml")
    for line in [
      "# number is left out: it numbers the rows", "- number: income   # 0 to 25, 5.9 % missing",
      "- category: job   # 3 words: ", "- date: since   # such as 2010-",
      "split: {stratified: {test: 0.2, validation: 0.1}}",
      "target: outcome   # 2 classes: ", "  - dense: 2\nloss: cross-entropy\n",
    ] { #expect(text.contains(line), "\(line) in \(text)") }
    let digest = try train(recipe, settings, in: folder["1"])
    let receipt = try Receipt(ofRun: folder["1"])
    #expect(
      receipt.links.map(\.name) == ["raw", "schema", "split", "transform", "prepared", "samples", "weights", "metrics"])
    #expect(receipt.links[6].output == digest)
    for ranks in [2, 3] {
      let own = ["data.table.keep-under=\(folder["prepared-\(ranks)"])"]
      #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest)
      #expect(try Receipt(ofRun: folder["\(ranks)"]) == receipt)
    }
    // The majority is no more than 60 %.
    let model = try Model(folder["1"])
    let test = try model.testData()
    #expect(test.count == 300)
    #expect(try model.evaluate(test).headline.value > 0.9)
    // Training was watched by other rows.
    #expect(model.record.metrics["validation accuracy"] != nil && model.record.metrics["test accuracy"] == nil)
  }

  /// What a process may take decides whether the words have room, and nothing else.
  @Test func memoryChangesNoBit() throws {
    let recipe = try draft(loans(300))
    func settled(_ memory: Int?) throws -> RunConfiguration {
      try RunConfiguration(ConfigurationSource(recipe), overrides: settings + ["epochs=1"], memory: memory)
    }
    #expect(try settled(nil).resolved.contains("memory: 512") && settled(3).resolved.contains("memory: 3"))
    let receipts = try [nil, 1].enumerated().map { place, memory in
      let run = try TrainingRun(
        recipe: recipe, overrides: ["data.table.keep-under=\(folder["\(place)"])", "epochs=1"], memory: memory,
        output: folder["run\(place)"], verbosity: .silent, world: LocalWorld.single())
      #expect(try run.train() == 0)
      return try Receipt(ofRun: folder["run\(place)"])
    }
    #expect(receipts[0] == receipts[1])
    let text = try #require(try settled(1).preparationReport())
    #expect(
      text.contains(#/\ntook [0-9.]+ s and at most [0-9.]+ [MG]B of memory, pages of mapped files among them\n$/#),
      "\(text)")
    expectFailure(.usage, "--memory: expected data that are a table, found two-class; leave it out") {
      _ = try RunConfiguration(ConfigurationSource("two-class"), overrides: [], memory: 1)
    }
    // 70,000 words of 20 letters each.
    let many = "word,outcome\n" + (0..<70_000).map { "word number \(100_000_000 + $0),\($0 % 2)\n" }.joined()
    let words = try folder.write(
      "words.yaml",
      """
      data: {table: {source: {csv: \(folder.write("words.csv", many))}, target: outcome, columns: [{category: word}],
        keep-under: \(folder["words"])}}
      model: linear

      """)
    expectFailure(.badData, "expected words of all columns that take at most 1 MiB") {
      _ = try RunConfiguration(ConfigurationSource(words), overrides: [], memory: 1).preparationReport()
    }
  }

  /// Texts are told from words that identify, and a name cannot become a setting.
  @Test func draftsOfTexts() throws {
    var text = "code,\"seed\nseed: 77\",note,outcome\n"
    for row in 0..<300 {
      let note = ["came late again, order \(row)", "all was well with order \(row)"][row % 2]
      text += "A\(row * 7919 % 10_007)x,1,\"\(note)\",\(row % 2 == 0 ? "bad" : "good")\n"
    }
    let recipe = try draft(text)
    let yaml = try folder.text("loans.yaml")
    #expect(yaml.contains("# code is left out: each row has a word of its own, which identifies it\n"))
    #expect(yaml.contains("      - text: note   # such as "))
    #expect(yaml.contains("# seed\\nseed: 77 is left out: it has the same value in every row\n"), "\(yaml)")
    try train(recipe, settings, in: folder["run"])
    let model = try Model(folder["run"])
    #expect(try model.evaluate(model.testData()).headline.value > 0.95)
  }

  /// Stopped on the way and gone on with: the same receipt.
  @Test func resumed() throws {
    let recipe = try draft(loans(600))
    try train(recipe, settings, in: folder["whole"])
    // Its directory is let go of when it ends.
    let code = try LocalWorld.run(ranks: 1) { world in
      try TrainingRun(
        recipe: recipe, overrides: settings + ["stop-after=7"], output: folder["parts"], verbosity: .silent,
        world: world
      ).train()
    }
    #expect(code == [75])
    #expect(!folder.exists("parts/receipt.json"))
    let other = failure {
      try train(
        recipe, settings + ["data.table.columns.0={number: {columns: income, scale: robust}}"], in: folder["parts"],
        start: .resume)
    }
    #expect(other?.description.contains("prepared as in the run to be resumed") == true, "\(other as Any)")
    try train(recipe, settings, in: folder["parts"], ranks: 2, start: .resume)
    #expect(try Receipt(ofRun: folder["parts"]) == Receipt(ofRun: folder["whole"]))
  }

  @Test func rawRowsArePredicted() throws {
    let recipe = try draft(loans(900))
    try train(recipe, settings, in: folder["run"])
    let model = try Model(folder["run"])
    // The same columns in another order, one more, no target, and rows that cannot be used.
    let rows = lines(loans(40)).dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    var table = "since,note,job,income\n"
    for (place, cells) in rows.enumerated() {
      let income = place == 5 ? "much" : cells[1]
      table +=
        place == 9 ? "cut,off\n" : "\(place == 11 ? "never" : cells[3]),x,\(place == 13 ? "spy" : cells[2]),\(income)\n"
    }
    try folder.write("new.csv", table)
    #expect(try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"]) == 40)
    let out = try folder.text("out.csv").split(separator: "\n").map(String.init)
    #expect(out.count == 41 && out[0] == "prediction,probability of bad,probability of good,problem")
    #expect(out[6] == ",,,\"column 'income': expected a number, found 'much'\"")
    #expect(out[10] == ",,,\"expected 4 cells as in the first record, found 2\"")
    #expect(out[12] == ",,,\"column 'since': expected a date in ISO 8601 (2026-11-24), found 'never'\"")
    #expect(out[14].hasSuffix(",") && !out[14].hasPrefix(","), "an unknown word is no problem: \(out[14])")
    // Some rows at a time give the bits of all together, and so do the rows of training.
    try model.writePredictions(of: folder["new.csv"], to: folder["few.csv"], rows: model.plan.microBatch)
    #expect(try folder.text("few.csv") == folder.text("out.csv"))
    try model.writePredictions(of: folder["new.csv"], to: folder["out.jsonl"])
    let objects = try lines(folder.text("out.jsonl")).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.count == 40 && objects[5]["problem"] != nil && objects[0]["prediction"] != nil)
    // With targets, a file is measured on.
    let measured = try model.evaluate(model.labelledData(folder["loans.csv"], labels: nil))
    #expect(measured.samples == 900 && measured.headline.value > 0.85)
  }

  @Test func aColumnThatIsNotThere() throws {
    let recipe = try draft(loans(300))
    try train(recipe, settings, in: folder["run"])
    try folder.write("new.csv", "since,job,incom\n2020-01-01,free,3\n")
    let failure = failure {
      _ = try Model(folder["run"]).writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    }
    #expect(
      failure?.description
        == "\(folder["new.csv"]): expected a column 'income', found 'since', 'job', 'incom'; did you mean 'incom'?")
    #expect(!folder.exists("out.csv"))
  }

  /// Numbers keep their units: what a network gives is brought to them.
  @Test func numbersInTheirUnits() throws {
    let csv = loans(900) { row, cells in cells[4] = "\(250_000 + 1_000 * (row * 37 % 101))" }
    let recipe = try draft(csv)
    #expect(try folder.text("loans.yaml").contains("kind: values"))
    try train(recipe, settings, in: folder["run"])
    let model = try Model(folder["run"])
    let evaluation = try model.evaluate(model.testData())
    let scores = Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ($0.name, $0.value) })
    // The deviation is about 29,000.
    #expect(scores["r squared"]! > 0.8 && scores["mean absolute error"]! < 15_000, "\(scores)")
    try model.writePredictions(of: folder["loans.csv"], to: folder["out.csv"])
    let first = try Double(lines(folder.text("out.csv"))[1].dropLast())!
    #expect((200_000...400_000).contains(first))
  }

  /// A loss of quantiles gives an interval beside each number, in its units, that holds as many truths as it says.
  @Test func intervals() throws {
    // Spread evenly over ±20,000 around what can be known.
    let csv = loans(3000) { row, cells in
      cells[4] = "\(250_000 + 1_000 * (row * 37 % 101) + 200 * (row * 7919 % 201 - 100))"
    }
    let recipe = try draft(csv)
    let loss = ["loss={quantile: {quantiles: [0.1, 0.5, 0.9]}}"]
    let failure = failure { try train(recipe, settings + loss, in: folder["one"]) }
    #expect(
      failure?.description.contains("1 target a sample, with 3 outputs each for quantile, but the model has 1 outputs")
        == true, "\(failure as Any)")
    let yaml = try folder.text("loans.yaml").replacing("  - dense: 1\n", with: "  - dense: 3\n")
    try folder.write("loans.yaml", yaml)
    let digest = try train(recipe, settings + loss, in: folder["run"])
    #expect(try train(recipe, settings + loss, in: folder["two"], ranks: 2) == digest)
    let model = try Model(folder["run"])
    #expect(try model.evaluate(model.testData()).headline.value > 0.7, "R² of the medians")
    try model.writePredictions(of: folder["loans.csv"], to: folder["out.csv"], keeping: ["outcome"])
    let rows = try lines(folder.text("out.csv"))
    #expect(rows[0] == "outcome,quantile 0.1,prediction,quantile 0.9,problem")
    let numbers = rows.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
    #expect(numbers.allSatisfy { $0[1] <= $0[2] && $0[2] <= $0[3] })
    let inside = numbers.count { $0[1] <= $0[0] && $0[0] <= $0[3] }
    #expect((0.7...0.95).contains(Double(inside) / 3000), "\(inside) of 3000")
  }
}
