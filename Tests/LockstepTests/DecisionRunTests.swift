import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Decisions that a configuration asks for, fitted when training has ended.
@Suite struct DecisionRunTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private static let costs = "{cost: {false-positive: 1, false-negative: 9}}"

  /// A table of one feature that says something of a class, of three classes, and of a number.
  private func recipe(_ more: String, target: String = "class", validation: Double = 0.2, epochs: Int = 3) throws
    -> String
  {
    var text = "x,z,class,grade,number\n"
    for row in 0..<400 {
      let (x, z) = (row * 37 % 101, row * 53 % 29)
      let noise = row * 7919 % 61 - 30
      let grade = x + noise > 70 ? "c" : x > 30 ? "b" : "a"
      text += "\(x),\(z),\(x + noise > 70 ? "late" : "fine"),\(grade),\(3 * x + noise)\n"
    }
    try folder.write("rows.csv", text)
    return try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: \(target)
          split: {random: {test: 0.3, validation: \(validation)}}
          keep-under: \(folder["prepared"])
          columns: [{number: [x, z]}]
      optimizer: {adam: 0.01}
      batch: 32
      micro-batch: 8
      epochs: \(epochs)
      \(more)

      """)
  }

  private static let two = "model: [{dense: 8}, relu, {dense: 2}]\n"

  private func decisionFile(_ run: String) throws -> String {
    let model = try Model(folder[run])
    return try String(contentsOfFile: "\(model.path)/\(Decision.fileName)", encoding: .utf8)
  }

  @Test(arguments: [("", 3), ("ema: {decay: 0.5}\n", 3), ("early-stopping: {patience: 1}\n", 30)])
  func isTheSameOnAnyRanksAndTouchesNoWeight(_ more: String, _ epochs: Int) throws {
    func settings(_ decide: String) throws -> String { try recipe(Self.two + more + decide, epochs: epochs) }
    let plain = try train(try settings(""), in: folder["plain"])
    let decide = "decide: {threshold: \(Self.costs), calibrate: temperature}\n"
    #expect(try train(try settings(decide), in: folder["1"]) == plain)
    for ranks in [2, 3] {
      #expect(try train(try settings(decide), in: folder["\(ranks)"], ranks: ranks) == plain)
      #expect(try folder.text("\(ranks)/receipt.json") == folder.text("1/receipt.json"))
      #expect(try decisionFile("\(ranks)") == decisionFile("1"))
    }
    let (with, without) = (try Receipt(ofRun: folder["1"]), try Receipt(ofRun: folder["plain"]))
    #expect(with.links.map(\.name).suffix(3) == ["weights", "decision", "metrics"])
    #expect(with.links.dropLast(2).map { $0 } == without.links.dropLast().map { $0 })
    #expect(with.links.last?.inputs == ["measured \(without.links.last?.output ?? "")"])
    // It is that of the checkpoint that the run comes to, and what the command chooses.
    let model = try Model(folder["1"])
    let own = try #require(model.decision)
    #expect(own.weights == plain && own.positive == "late" && own.origin == .configuration && own.rows == 80)
    let hand = try #require(
      try Model(folder["plain"]).decide(
        threshold: .cost(DecisionCost(falsePositive: 1, falseNegative: 9)), calibration: .temperature))
    #expect(hand.threshold == own.threshold && hand.calibration == own.calibration && hand.origin == .command)
    #expect(try folder.text("plain/receipt.json") == folder.text("1/receipt.json"))
    for link in ReceiptCheck.Link.allCases {
      #expect(try difference(in: "1", from: link) == nil)
      #expect(try difference(in: "plain", from: link) == nil)
    }
  }

  /// The first link that differs, as `lockstep verify --from` finds it.
  private func difference(in run: String, from link: ReceiptCheck.Link) throws -> String? {
    let check = try ReceiptCheck(run: folder[run])
    let again = try Folder()
    let found = try check.receipt(from: link, in: again.path) { settings in
      try train("\(folder[run])/config.yaml", settings, in: again["run"])
    }
    return check.receipt.firstDifference(from: found)?.link
  }

  /// A run at its end that is started again has the decision that it is asked for then, and none where it is asked for none.
  @Test func anotherOneOnResume() throws {
    let digest = try train(try recipe(Self.two), in: folder["run"])
    let plain = try folder.text("run/receipt.json")
    func again(_ decide: String) throws -> Decision? {
      #expect(try train(try recipe(Self.two + decide), in: folder["run"], start: .resume) == digest)
      return try Model(folder["run"]).decision
    }
    #expect(try again("decide: {threshold: f1}")?.threshold?.rule == .f1)
    let first = try folder.text("run/receipt.json")
    let other = try again("decide: {threshold: {recall: 0.9}, positive: fine, calibrate: isotonic}")
    #expect(other?.threshold?.rule == .recall(0.9) && other?.positive == "fine")
    #expect(try folder.text("run/receipt.json") != first && first != plain)
    #expect(try difference(in: "run", from: .raw) == nil)
    #expect(try again("") == nil)
    #expect(try folder.text("run/receipt.json") == plain)
    // What was chosen by hand stays.
    let hand = try Model(folder["run"]).decide(threshold: .f1, calibration: nil)
    let chosen = try folder.text("run/receipt.json")
    #expect(try again("") == hand)
    #expect(try folder.text("run/receipt.json") == chosen)
  }

  /// Where there are validation rows and no test rows, what is measured are validation rows.
  @Test func validationRowsAlone() throws {
    let recipe = try recipe(Self.two + "decide: {threshold: f1}\n")
    try folder.write("run.yaml", try folder.text("run.yaml").replacing("test: 0.3", with: "test: 0.0"))
    try train(recipe, in: folder["run"])
    #expect(Set(try metrics(of: folder["run"]).keys.map { $0.prefix { $0 != " " } }) == ["validation"])
    #expect(try Model(folder["run"]).decision?.rows == 80)
    for link in ReceiptCheck.Link.allCases { #expect(try difference(in: "run", from: link) == nil) }
  }

  /// What cannot be fitted is refused before anything is trained, by line and key.
  @Test(arguments: [
    (
      "decide: {threshold: f1}", "class", 0.0, ExitCode.badConfiguration,
      "run.yaml:13: decide: expected validation rows"
    ),
    (
      "decide: {threshold: f1, positive: bad}", "class", 0.2, .badConfiguration,
      "run.yaml:13: decide.positive: expected one of fine, late, found bad"
    ),
    ("decide: {threshold: f1, positive: lat}", "class", 0.2, .badConfiguration, "did you mean late?"),
    (
      "decide: {threshold: f1}", "grade", 0.2, .badConfiguration,
      "run.yaml:13: decide.threshold: expected two classes, found 3"
    ),
    (
      "decide: {calibrate: temperature}", "number\n    kind: values", 0.2, .badConfiguration,
      "decide: expected a model of one target of classes, found numbers as targets; leave decide out"
    ),
    (
      "decide: {threshold: f1}", "[class, grade]\n    kind: [classes, classes]", 0.2, .badConfiguration,
      "found 2 targets"
    ),
    (
      "decide: {threshold: f1}", "rare", 0.2, .badData,
      "decide.threshold: expected rows of the class yes to choose it by, found none"
    ),
  ])
  func refusals(_ decide: String, _ target: String, _ validation: Double, _ code: ExitCode, _ words: String) throws {
    let model =
      switch target {
      case "grade": "model: [{dense: 3}]\n"
      case "[class, grade]\n    kind: [classes, classes]":
        "model: [{dense: 5}]\nloss: {sum: {losses: [cross-entropy, cross-entropy]}}\n"
      case "class", "rare": "model: [{dense: 2}]\n"
      default: "model: [{dense: 1}]\nloss: mean-squared-error\n"
      }
    _ = try recipe(model + decide, target: target, validation: validation)
    if target == "rare" {
      // Two rows alone have the class, and they are not among those of validation.
      let rows = lines(try folder.text("rows.csv")).enumerated().map { row, line in
        let part = row < 200 ? "train" : row < 300 ? "validation" : "test"
        return "\(line),\(row == 0 ? "rare,part" : "\(row < 3 ? "yes" : "no"),\(part)")"
      }
      try folder.write("rows.csv", rows.joined(separator: "\n") + "\n")
      let split = "random: {test: 0.3, validation: 0.2}"
      try folder.write("run.yaml", try folder.text("run.yaml").replacing(split, with: "fixed: {by: part}"))
    }
    let found = failure { try train(folder["run.yaml"], in: folder["run"]) }
    #expect(found?.code == code && found!.description.contains(words), "\(found as Any)")
    #expect(!folder.names("").contains("run"), "nothing was begun")
    // As lockstep inspect and lockstep doctor look at it.
    let seen = failure { _ = try PreparedData(RunConfiguration(recipeOrFile: folder["run.yaml"])) }
    #expect(seen == found)
  }

  @Test func inAProgram() throws {
    _ = try train(try recipe(Self.two), in: folder["run"])
    let source = try Model(folder["run"]).configuration
    let train = try #require(try source.data.read(.train, seed: 1, like: nil))
    let (test, validation) = try (
      source.data.read(.test, seed: 1, like: train.schema), source.data.readValidation(seed: 1, like: train.schema)
    )
    func configuration(_ decide: DecisionSettings?) throws -> RunConfiguration {
      try RunConfiguration(
        name: "own", train: train, test: test, validation: validation, transforms: [], epochs: 2, decide: decide,
        batch: 32, microBatch: 8
      ) {
        Dense(units: 2)
      }
    }
    let own = try configuration(DecisionSettings(threshold: .f1, calibration: .temperature))
    let receipts = try LocalWorld.run(ranks: 2) { world in
      let run = try TrainingRun(own, output: folder["own"], verbosity: .silent, world: world, environment: [:])
      #expect(try run.train() == 0)
      #expect(run.summary.decision?.threshold?.rule == .f1, "on every rank")
      return try Receipt(ofRun: folder["own"])
    }
    #expect(receipts[0].decision != nil)
    #expect(try Model(folder["own"], as: own).decision?.calibration?.kind == .temperature)
    let wrong = failure {
      let none = try configuration(DecisionSettings(threshold: .f1, positive: "nobody"))
      _ = try TrainingRun(
        none, output: folder["none"], verbosity: .silent, world: LocalWorld.single(), environment: [:])
    }
    #expect(wrong?.description.hasPrefix("decide.positive: expected one of fine, late, found nobody") == true)
  }
}
