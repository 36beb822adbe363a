import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Decisions chosen by hand, and what the run's receipt tells of them.
@Suite struct DecisionReceiptTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private static let rule = ThresholdRule.cost(DecisionCost(falsePositive: 1, falseNegative: 9))

  private func trained() throws {
    var text = "x,z,class\n"
    for row in 0..<400 {
      let (x, noise) = (row * 37 % 101, row * 7919 % 61 - 30)
      text += "\(x),\(row * 53 % 29),\(x + noise > 70 ? "late" : "fine")\n"
    }
    try folder.write("rows.csv", text)
    let recipe = try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: class
          split: {random: {test: 0.3, validation: 0.2}}
          keep-under: \(folder["prepared"])
          columns: [{number: [x, z]}]
      model: [{dense: 8}, relu, {dense: 2}]
      optimizer: {adam: 0.01}
      batch: 32
      micro-batch: 8
      epochs: 3

      """)
    try train(recipe, in: folder["run"])
  }

  /// The path of its file, below the test's folder.
  private func file() throws -> String {
    let step = try #require(folder.names("run").last { $0.hasPrefix("step-") })
    return "run/\(step)/\(Decision.fileName)"
  }

  private func difference(from link: ReceiptCheck.Link) throws -> String? {
    let check = try ReceiptCheck(run: folder["run"])
    let again = try Folder()
    let found = try check.receipt(from: link, in: again.path) { settings in
      try train("\(folder["run"])/config.yaml", settings, in: again["run"])
    }
    return check.receipt.firstDifference(from: found)?.link
  }

  private func note() throws -> String? {
    var notes: [String] = []
    _ = try Model(folder["run"]) { notes.append($0) }
    return notes.first
  }

  @Test func isToldAndTakenOutAgain() throws {
    try trained()
    let before = try folder.text("run/receipt.json")
    let links = try Receipt(ofRun: folder["run"]).links.map(\.name)
    for calibration in [nil, Decision.CalibrationKind.temperature, .isotonic] {
      try Model(folder["run"]).decide(threshold: Self.rule, calibration: calibration)
      let receipt = try Receipt(ofRun: folder["run"])
      #expect(receipt.links.map(\.name) == links.dropLast() + ["decision", "metrics"])
      for link in ReceiptCheck.Link.allCases { #expect(try difference(from: link) == nil) }
      #expect(try note() == nil)
    }
    try Model(folder["run"]).decide(threshold: nil, calibration: nil)
    #expect(try folder.text("run/receipt.json") == before)
    #expect(try note() == nil && !FileManager.default.fileExists(atPath: folder[try file()]))
  }

  /// Whatever is changed in the file, and whatever in the receipt, is found from each link on.
  @Test(arguments: [
    (#""threshold":0\.(\d)"#, #""threshold":0.0$1"#), (#""recall":[0-9.]+,"rows"#, #""recall":0.5,"rows"#),
    (#""f1":[0-9.]+"#, #""f1":0.25"#), (#""false-negative":9"#, #""false-negative":8"#),
    (#""rule":\{"cost":\{[^}]*\}\}"#, #""rule":{"f1":true}"#), (#""temperature":[0-9.]+"#, #""temperature":1.5"#),
    (#""rows":80,"threshold""#, #""rows":79,"threshold""#),
  ])
  func editedDecisionsAreFound(_ old: String, _ new: String) throws {
    try trained()
    try Model(folder["run"]).decide(threshold: Self.rule, calibration: .temperature)
    let compact = try folder.text(file()).replacing(#/\s+/#, with: "")
    let edited = compact.replacingOccurrences(of: old, with: new, options: .regularExpression)
    #expect(edited != compact, "\(old) in \(compact)")
    try folder.write(file(), edited)
    for link in ReceiptCheck.Link.allCases { #expect(try difference(from: link) == "decision", "\(link)") }
    #expect(try note()?.contains("tells something else of") == true)
  }

  @Test(arguments: ["decision", "metrics"])
  func forgedReceiptsAreFound(_ link: String) throws {
    try trained()
    try Model(folder["run"]).decide(threshold: Self.rule, calibration: nil)
    try ReceiptTests.Plant.forge(link).change(folder)
    for start in ReceiptCheck.Link.allCases { #expect(try difference(from: start) == link) }
    // One that does not even follow from itself is refused, before anything is written.
    let (receipt, decision) = (try folder.text("run/receipt.json"), try folder.text(file()))
    try folder.write("run/receipt.json", receipt.replacing("sha256:000", with: "sha256:100"))
    let found = failure { try Model(folder["run"]).decide(threshold: .f1, calibration: nil) }
    #expect(found?.code == .badData && found!.description.contains("link \(link): its digest does not follow"))
    #expect(try folder.text(file()) == decision)
  }

  /// What a process that ended between the two files leaves is told, and put right by deciding once more.
  @Test func tornDecisions() throws {
    try trained()
    let before = try folder.text("run/receipt.json")
    try Model(folder["run"]).decide(threshold: Self.rule, calibration: nil)
    let (receipt, decision) = (try folder.text("run/receipt.json"), try folder.text(file()))
    // A decision that the receipt does not know of yet.
    try folder.write("run/receipt.json", before)
    #expect(try note()?.contains("tells nothing of") == true)
    let early = failure { _ = try difference(from: .weights) }
    #expect(early?.description.contains("expected no decision") == true, "\(early as Any)")
    try Model(folder["run"]).decide(threshold: Self.rule, calibration: nil)
    #expect(try folder.text("run/receipt.json") == receipt && note() == nil)
    // One that is gone, while the receipt still knows of it.
    try FileManager.default.removeItem(atPath: folder[try file()])
    #expect(try note()?.contains("is not there") == true)
    let late = failure { _ = try difference(from: .weights) }
    #expect(late?.description.contains("\(Decision.fileName): expected the decision that the receipt tells of") == true)
    try Model(folder["run"]).decide(threshold: nil, calibration: nil)
    #expect(try folder.text("run/receipt.json") == before && note() == nil)
    // Another one than the receipt tells of.
    try Model(folder["run"]).decide(threshold: .f1, calibration: nil)
    try folder.write(file(), decision)
    #expect(try note()?.contains("tells something else of") == true)
  }

  /// Rows of a file have their digest in the receipt, and are read again.
  @Test func rowsOfAFile() throws {
    try trained()
    let rows = lines(try folder.text("rows.csv"))
    let text = ([rows[0]] + rows[200...]).joined(separator: "\n") + "\n"
    try folder.write("new.csv", text)
    let model = try Model(folder["run"])
    let found = try #require(
      try model.decide(
        threshold: Self.rule, calibration: .isotonic, on: model.labelledData(folder["new.csv"], labels: nil),
        file: folder["new.csv"]))
    #expect(found.file == folder["new.csv"] && found.rows == 201)
    let inputs = try #require(try Receipt(ofRun: folder["run"]).decision?.inputs)
    #expect(inputs.count == 1 && inputs[0].hasPrefix("new.csv sha256:"))
    for link in ReceiptCheck.Link.allCases { #expect(try difference(from: link) == nil) }
    try folder.write("new.csv", text.replacing("\n1", with: "\n2"))
    #expect(try difference(from: .weights) == "decision")
    try FileManager.default.removeItem(atPath: folder["new.csv"])
    #expect(failure { _ = try difference(from: .weights) }?.description.contains("new.csv") == true)
    // Of samples that are in no file nothing can be read again.
    try folder.write("new.csv", text)
    try model.decide(threshold: .f1, calibration: nil, on: model.labelledData(folder["new.csv"], labels: nil))
    #expect(failure { _ = try difference(from: .weights) }?.description.contains("a program's own samples") == true)
  }

  /// Decisions and comparisons have the same bytes on any number of ranks, which all know what was chosen.
  @Test func anyRanks() throws {
    try trained()
    func decided(_ ranks: Int) throws -> [String] {
      let all = try LocalWorld.run(ranks: ranks) { world in
        let model = try Model(folder["run"], world: world)
        let decision = try model.decide(threshold: Self.rule, calibration: .isotonic)
        #expect(decision != nil && model.decision == decision)
        let judged = try model.judge(try model.testData(), resamples: Resamples(count: 20))
        let comparison = try ModelComparison(model, model, resamples: Resamples(count: 20))
        #expect((judged == nil) == (world.rank > 0) && (comparison == nil) == (world.rank > 0))
        return try [judged.map { try sortedJSON($0) }, comparison.map { try sortedJSON($0) }].compactMap { $0 }
      }
      return try all[0] + [folder.text(file()), folder.text("run/receipt.json")]
    }
    let alone = try decided(1)
    #expect(alone.count == 4 && alone[0].contains("\"cost\""))
    for ranks in [2, 3] { #expect(try decided(ranks) == alone) }
  }

  /// The mean cost of a row, beside what the cheaper class for all rows would cost, whichever class is looked at.
  @Test func costs() throws {
    try trained()
    let model = try Model(folder["run"])
    try model.decide(threshold: Self.rule, calibration: nil)
    let target = try #require(try model.judge(try model.testData(), resamples: Resamples(count: 40))?.first)
    let confusion = try #require(target.table?.confusion)
    // Classes are sorted: fine, late.
    let rows = confusion.joined().reduce(0, +)
    let cost = try #require(target.judgement.figures["cost"])
    #expect(cost.value == .value((confusion[0][1] + 9 * confusion[1][0]) / rows))
    let (always, never) = (confusion[0].reduce(0, +) / rows, 9 * confusion[1].reduce(0, +) / rows)
    #expect(cost.beside == .value(min(always, never)) && cost.interval?.bounds != nil)
    let other = try #require(
      try model.judge(try model.testData(), resamples: Resamples(count: 0), positive: ["fine"])?.first)
    #expect(other.judgement.figures["cost"]?.value == cost.value)
    try model.decide(threshold: .f1, calibration: nil)
    #expect(
      try model.judge(try model.testData(), resamples: Resamples(count: 0))?.first?.judgement.figures["cost"] == nil)
  }
}
