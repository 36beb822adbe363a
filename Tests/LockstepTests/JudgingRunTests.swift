import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Trained models judged, compared, and decided by.
@Suite struct JudgingRunTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// A table of one feature that says something of a class, a number, and two labels.
  private func run(_ target: String, _ more: String = "", name: String = "run") throws -> Model {
    var text = "x,z,class,number,weight\n"
    for row in 0..<400 {
      let (x, z) = (row * 37 % 101, row * 53 % 29)
      let noise = row * 7919 % 61 - 30
      text += "\(x),\(z),\(x + noise > 70 ? "late" : "fine"),\(Double(3 * x + noise)),\(row % 3)\n"
    }
    try folder.write("rows.csv", text)
    let recipe = try folder.write(
      "\(name).yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: \(target)
          split: {random: {test: 0.3, validation: 0.2}}
          keep-under: \(folder["prepared"])
          columns: [{number: [x, z]}]
      \(more)
      optimizer: {adam: 0.01}
      batch: 32
      micro-batch: 8
      epochs: 3

      """)
    try train(recipe, in: folder[name])
    return try Model(folder[name])
  }

  private func judged(_ name: String, ranks: Int = 1) throws -> (targets: [JudgedTarget], text: String) {
    let found = try LocalWorld.run(ranks: ranks) { world in
      let model = try Model(folder[name], world: world)
      let targets = try model.judge(model.testData(), resamples: Resamples(count: 40))
      #expect((targets == nil) == (world.rank > 0))
      return try targets.map { ($0, try sortedJSON($0)) }
    }
    return try #require(found[0])
  }

  @Test func classesAreJudgedAlikeOnAnyRanks() throws {
    let model = try run("class", "model: [{dense: 8}, relu, {dense: 2}]\nmetrics: [log-loss, {f1: micro}, accuracy]")
    let alone = try judged("run")
    for ranks in [2, 3] { #expect(try judged("run", ranks: ranks).text == alone.text) }
    let target = try #require(alone.targets.first)
    #expect(target.name == "class" && target.positive == "late" && target.judgement.rows == 120)
    #expect(target.judgement.order.prefix(4) == ["log-loss", "f1-micro", "accuracy", "balanced-accuracy"])
    // What was counted in training, and what is computed of all rows.
    let evaluation = try model.evaluate(model.testData())
    let counted = Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ($0.name, $0.value) })
    #expect(target.judgement.figures["accuracy"]?.value == counted["accuracy"].map { .value($0) })
    #expect(target.judgement.figures["f1-micro"]?.value == counted["f1 micro"].map { .value($0) })
    #expect(abs((target.judgement.figures["log-loss"]?.value.value ?? 0) - evaluation.loss) < 1e-5)
    let table = target.judgement.table(beside: target.baseline?.name)
    #expect(table.contains("class frequencies"))
  }

  /// Weights, and numbers in their own unit, beside the mean of training rows.
  @Test func numbersAreJudgedInTheirUnit() throws {
    let model = try run("number\n    kind: values", "model: [{dense: 8}, relu, {dense: 1}]\nloss: mean-squared-error")
    let target = try #require(try judged("run").targets.first)
    #expect(target.baseline?.name == "mean" && target.table == nil && target.curves.isEmpty)
    let counted = try model.evaluate(model.testData())
    let squared = try #require(counted.metrics.first { $0.name == "mean squared error" }?.value)
    let root = try #require(target.judgement.figures["root-mean-squared-error"]?.value.value)
    #expect(abs(root * root / squared - 1) < 1e-6)
    // 3x, x of 0...100 with about the same chance: the deviation is near 87.
    let beside = try #require(target.judgement.figures["root-mean-squared-error"]?.beside?.value)
    #expect((80...100).contains(beside), "\(beside)")
  }

  /// Several targets, each by itself: a class, and quantiles of a number.
  @Test func severalTargetsAreJudgedEach() throws {
    _ = try run(
      "[class, number]",
      """
        kind: [classes, values]
      model: [{dense: 8}, relu, {dense: 5}]
      loss: {sum: {losses: [cross-entropy, {quantile: {quantiles: [0.1, 0.5, 0.9]}}]}}
      """.replacing("  kind", with: "    kind"))
    let alone = try judged("run")
    #expect(alone.targets.map(\.name) == ["class", "number"] && alone.targets.map(\.positive) == ["late", nil])
    #expect(alone.targets[1].judgement.figures["r-squared"] != nil)
    #expect(try judged("run", ranks: 2).text == alone.text)
  }

  @Test func decisionsAreKeptAndUsed() throws {
    let model = try run("class", "model: [{dense: 8}, relu, {dense: 2}]")
    let found = try #require(
      try model.decide(
        threshold: .cost(DecisionCost(falsePositive: 1, falseNegative: 9)), calibration: .temperature))
    #expect(found.rows == 80 && found.threshold?.name == "late")
    let again = try Model(folder["run"])
    #expect(again.decision == found)
    // Predictions follow the threshold, of calibrated probabilities.
    try again.writePredictions(of: folder["rows.csv"], to: folder["out.csv"])
    let least = try #require(found.threshold?.threshold)
    var flagged = 0
    for line in lines(try folder.text("out.csv")).dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      let late = Double(try #require(Float(cells[2])))
      flagged += cells[0] == "late" ? 1 : 0
      #expect((cells[0] == "late") == (late >= least), "\(line)")
    }
    #expect((1..<400).contains(flagged))
    // On the rows that it was chosen on, recall is what was promised.
    let validation = try #require(again.measuredData().first { $0.name == "validation" }?.data)
    let target = try #require(try again.judge(validation, resamples: Resamples(count: 0))?.first)
    #expect(target.table?.classes[1].recall == found.threshold.map { .value($0.recall) })
    // Other weights, and what is no decision, are refused; taken away, it is gone.
    let file = "\(again.path)/decision.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing("sha256:", with: "sha256:0").write(toFile: file, atomically: true, encoding: .utf8)
    #expect(failure { _ = try Model(folder["run"]) }?.description.contains("expected the weights sha256:0") == true)
    try "{}".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(failure { _ = try Model(folder["run"]) }?.description.contains("expected a decision") == true)
    try #expect(model.decide(threshold: nil, calibration: nil) == nil)
    #expect(try Model(folder["run"]).decision == nil)
  }

  @Test func modelsOfOtherRowsAreNotCompared() throws {
    let one = try run("class", "model: [{dense: 8}, relu, {dense: 2}]")
    let other = try run("class", "model: [{dense: 2}]", name: "other")
    let comparison = try #require(try ModelComparison(one, other, resamples: Resamples(count: 40)))
    #expect(comparison.targets.first?.judgement.figures["accuracy"]?.differenceInterval?.bounds != nil)
    #expect(try sortedJSON(comparison).contains("\"roc-auc\""))
    let seeded = try run("class", "seed: 2\nmodel: [{dense: 2}]", name: "seeded")
    let split = failure { _ = try ModelComparison(one, seeded) }
    #expect(split?.description.contains("expected rows of the split sha256:") == true, "\(split as Any)")
    let file = try #require(
      try ModelComparison(one, seeded, data: folder["rows.csv"], resamples: Resamples(count: 40)))
    #expect(file.targets.first?.judgement.rows == 400)
    let number = try run("number\n    kind: values", "model: [{dense: 1}]\nloss: mean-squared-error", name: "number")
    let target = failure { _ = try ModelComparison(one, number) }
    #expect(target?.description.contains("expected to predict class, found number") == true, "\(target as Any)")
  }

  /// A network with one output for two classes is judged and decided by as one with two is, and a threshold is compared with the
  /// very probabilities that it was chosen among.
  @Test func oneOutputForTwoClasses() throws {
    let model = try run("class", "model: [{dense: 8}, relu, {dense: 1}]\nloss: binary-cross-entropy")
    let alone = try judged("run")
    #expect(try judged("run", ranks: 2).text == alone.text)
    #expect(alone.targets.count == 1 && alone.targets[0].judgement.figures["roc-auc"]?.value.value != nil)
    for positive in ["fine", "late"] {
      for calibration in [nil, Decision.CalibrationKind.temperature, .isotonic] {
        let decision = try model.decide(threshold: .recall(0.9), calibration: calibration, positive: positive)
        let threshold = try #require(decision?.threshold)
        // The same rows once more, with what was chosen.
        let validation = try #require(try model.measuredData().first { $0.name == "validation" }).data
        let target = try #require(try model.judge(validation, resamples: Resamples(count: 0))?.first)
        let row = try #require(target.table?.classes.first { $0.name == positive })
        let recall = row.recall.value ?? 0
        #expect(abs(recall - threshold.recall) < 1e-12 && recall >= 0.9, "\(positive), \(calibration as Any)")
      }
    }
  }

  /// Decisions that nobody could have fitted are refused in a line.
  @Test func damagedDecisions() throws {
    let model = try run("class", "model: [{dense: 2}]")
    _ = try model.decide(threshold: .f1, calibration: .isotonic)
    let path = try #require(
      folder.names("run").first { $0.hasPrefix("step-") && folder.names("run/\($0)").contains(Decision.fileName) })
    let text = try folder.text("run/\(path)/\(Decision.fileName)")
    for (old, new) in [
      (#""positive":\d"#, #""positive":5"#), (#""threshold":[0-9.]+"#, #""threshold":-7"#),
      (#""class":"[a-z]+""#, #""class":"nobody""#), (#""xs":\[[^\]]*\]"#, #""xs":[0.5]"#), (#""ys":\["#, #""ys":[7,"#),
    ] {
      let pattern = try Regex(old)
      let compact = text.replacing(#/\s+/#, with: "")
      let damaged = compact.replacing(pattern, with: new)
      #expect(damaged != compact, "\(old)")
      try folder.write("run/\(path)/\(Decision.fileName)", damaged)
      let found = failure { _ = try Model(folder["run"]) }
      #expect(found?.code == .badData && found!.description.contains("decision"), "\(new): \(found as Any)")
    }
  }
}
