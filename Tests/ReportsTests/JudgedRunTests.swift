import Foundation
import Lockstep
import TestSupport
import Testing

import Reports

/// What a page tells of a table: which column the model rests on, and for whom it is worse.
@Suite struct JudgedRunTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// 600 rows: `size` tells the class but in the group `hard`, where it is told by chance alone; `noise` tells nothing.
  private func train() throws {
    var text = "size,group,noise,class\n"
    for row in 0..<600 {
      let (isYes, isHard) = (row % 3 == 0, row % 5 == 0)
      let size = isHard ? row * 7919 % 100 : isYes ? 60 + row % 40 : row % 40
      text += "\(size),\(isHard ? "hard" : row % 2 == 0 ? "a" : "b"),\(row * 104_729 % 1000),\(isYes ? "yes" : "no")\n"
    }
    try folder.train(
      on: text,
      """
      target: class
      split: {stratified: {test: 0.4, validation: 0.2}}
      columns: [number: [size, noise], category: group]
      """,
      """
      model: [{dense: 8}, relu, {dense: 2}]
      optimizer: {adam: 0.02}
      epochs: 10
      """)
  }

  @Test func columnsSlicesAndThresholds() throws {
    try train()
    let facts = try RunReader.facts(of: folder["run"])
    let best = try #require(facts.best)
    #expect(best.part == "test" && best.importanceOf == "roc auc")
    #expect(best.importance.map(\.column).first == "size" && best.importance.count == 3)
    #expect((best.importance[0].figure.interval?.lowerBound ?? 0) > 0.1)
    let slices = try #require(best.slices.first)
    #expect(slices.column == "group" && slices.slices.map(\.rows).reduce(0, +) == best.rows)
    func accuracy(_ value: String) -> Double {
      slices.slices.first { $0.value == value }?.scores[0].figure.value ?? .nan
    }
    #expect(accuracy("hard") < 0.9 && accuracy("a") > 0.95 && accuracy("b") > 0.95)
    let auc = try #require(best[score: "roc auc"])
    #expect(auc.baseline?.value == 0.5 && auc.figure.interval?.contains(auc.figure.value) == true)
    #expect(best.curves.map(\.name) == ["yes"] && best.reliability.count > 1)

    // Rows one by one, as the table has them: the worst are those of which nothing can be known.
    let examples = try #require(best.examples)
    #expect(examples.worst.count == 10 && examples.best.count == 5)
    #expect(examples.worst.allSatisfy { row in row.values.contains { $0.column == "group" && $0.text == "hard" } })
    #expect(examples.worst.allSatisfy { $0.truth != $0.prediction && ($0.probability?.ofPrediction ?? 0) > 0.5 })
    #expect(best.slices.map(\.column) == ["group", "size", "noise"] && best.slices[2].slices.count == 4)

    let calibration = try #require(best[score: "calibration error"])
    #expect(calibration.figure.interval == nil && calibration.figure.value >= 0)

    let html = try Report([facts]).html
    #expect(faultOf(page: html) == nil)
    #expect(try html == Report(runs: [folder["run"]]).html, "measured twice, the same bytes")
    for text in ["rows where <bdi>group", "<bdi>hard</bdi>", "what roc auc loses", "a threshold of 0.5"] {
      #expect(html.contains(text), "\(text)")
    }
    try Model(folder["run"]).decide(threshold: .recall(1), calibration: nil)
    let decided = try Report(runs: [folder["run"]]).html
    // All of the class are found, whatever the more probable one is.
    let taken = try RunReader.facts(of: folder["run"])
    let threshold = try #require(taken.best?.threshold?.value)
    for row in try #require(taken.best?.examples).worst where row.truth == "yes" {
      #expect((row.prediction == "yes") == (row.probability!.ofTruth >= threshold))
    }
    #expect(decided.contains("chosen to find 100 % of them on 120 rows"))
    #expect(decided.contains("by lockstep decide") && decided.contains("calibration and threshold"))
    #expect(decided.contains("computes everything") && html.contains("computes everything"))
    #expect(decided.contains("The threshold was fitted on the validation rows") && !html.contains("was fitted on"))
    #expect(!decided.contains("fitted on the test rows"))
    // What it costs, beside two decisions that look at no row; and a receipt that does not know of it.
    let receipt = try folder.text("run/receipt.json")
    try Model(folder["run"]).decide(
      threshold: .cost(DecisionCost(falsePositive: 1, falseNegative: 5)), calibration: .temperature)
    let costly = try Report(runs: [folder["run"]]).html
    #expect(faultOf(page: costly) == nil && costly.contains("chosen for the least cost on 120 rows"))
    #expect(costly.contains(#/costs <b>0[.0-9]*<\/b> on average \(95 % interval/#), "the test rows")
    #expect(
      costly.contains("where a false alarm costs 1 and a miss 5: naming <bdi>yes</bdi> of all of them would cost 0."))
    try folder.write("run/receipt.json", receipt)
    #expect(try !Report(runs: [folder["run"]]).html.contains("computes all but"), "it tells of another one")
  }
}
