import Foundation
import Lockstep
import TestSupport
import Testing

import Reports

/// Pages of several targets: each gets what one alone has.
@Suite struct SeveralTargetsTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// A class that `size` tells, one that nothing tells, and a number that `size` tells.
  private func train() throws {
    var text = "size,group,late,chance,cost\n"
    for row in 0..<500 {
      let size = row * 37 % 101
      text += "\(size),\(row % 3 == 0 ? "a" : "b"),\(size > 60 ? "yes" : "no"),\(row * 7919 % 2 == 0 ? "up" : "down"),"
      text += "\(3 * size + row % 7)\n"
    }
    try folder.train(
      on: text,
      """
      target: [late, chance, cost]
      kind: [classes, classes, values]
      split: {random: {test: 0.4, validation: 0.2}}
      columns: [number: size, category: group]
      """,
      """
      model: [{dense: 16}, relu, {dense: 5}]
      loss: {sum: {losses: [cross-entropy, cross-entropy, mean-squared-error]}}
      optimizer: {adam: 0.02}
      epochs: 20
      """)
  }

  @Test func eachTargetHasWhatOneAloneHas() throws {
    try train()
    let facts = try RunReader.facts(of: folder["run"])
    let best = try #require(facts.best)
    #expect(best.part == "test" && best.targets.map(\.target) == ["late", "chance", "cost"])
    let (late, chance, cost) = (best.targets[0], best.targets[1], best.targets[2])
    let figure = try #require(late[score: "accuracy"])
    #expect(figure.figure.value > 0.9 && figure.figure.interval != nil && figure.baseline != nil)
    #expect(late.classes?.names == ["no", "yes"] && late.curves.count == 1 && late.reliability.count > 1)
    #expect(late.importance.first?.column == "size" && late.slices.map(\.column) == ["group", "size"])
    #expect(late.slices[1].slices.count == 4 && late.slices[1].slices[0].value.hasPrefix("up to "))
    #expect((chance[score: "roc auc"]?.figure.value).map { abs($0 - 0.5) < 0.2 } == true)
    #expect(cost.numbers?.name == "cost" && cost.classes == nil && cost.main?.name == "mean absolute error")
    // They are those of evaluate.
    let model = try Model(folder["run"])
    let judged = try #require(try model.judge(model.testData()))
    #expect(judged[2].judgement.figures["mean-absolute-error"]?.value.value == cost.main?.figure.value)

    // Numbers by their errors, with what the table says of the rows.
    let rows = try #require(cost.examples)
    let errors = rows.worst.compactMap(\.error).map(abs)
    #expect(errors.count == 10 && errors == errors.sorted(by: >) && rows.best.count == 5)
    for row in rows.worst + rows.best {
      let size = try #require(row.values.first { $0.column == "size" }?.text.flatMap { Int($0) })
      let truth = try #require(Int(row.truth))
      #expect((3 * size..<3 * size + 7).contains(truth))
    }

    let html = try Report([facts]).html
    #expect(faultOf(page: html) == nil)
    #expect(try html == Report(runs: [folder["run"]]).html, "measured twice, the same bytes")
    for text in [
      "href=\"#target-1\"", "<section id=\"target-3\">", "id=\"target-1-classes\"", "id=\"target-2-thresholds\"",
      "id=\"target-3-rows\"", "How good, compared with what?", "href=\"#target-1-columns\"", "without a model",
    ] { #expect(html.contains(text), "\(text)") }
    // Every link within the page leads somewhere.
    for match in html.matches(of: #/href="#([a-z0-9-]+)"/#) {
      #expect(html.contains("id=\"\(match.1)\""), "\(match.1)")
    }
    let both = try Report([facts, facts]).html
    #expect(faultOf(page: both) == nil && both.contains("accuracy of late"))
  }

  /// A page of 200 targets is small, and says of which all is told.
  @Test func manyTargets() throws {
    var whole = Measurement(part: "test", rows: 1000)
    whole.targets = (0..<200).map { place in
      var one = Measurement(part: "test", rows: 1000)
      one.target = "\(place) " + MarkupTests.uglyNames[place % MarkupTests.uglyNames.count]
      one.scores = [
        Measurement.Score("accuracy", ReportedFigure(0.8, interval: 0.7...0.9), baseline: (0.6, "guessing"))
      ]
      one.headline = one.scores[0]
      var facts = ClassFacts(names: (0..<40).map { "class \($0)" })
      for row in 0..<1000 { facts.add(truth: row % 40, prediction: row * 7 % 40) }
      one.classes = facts
      let points = (0..<200).map { (x: Double($0) / 200, y: Double($0) / 200, threshold: Double?.none) }
      one.curves = (0..<20).map {
        ClassCurves(name: "\($0)", roc: points, precisionRecall: points, gain: points, share: 0.1)
      }
      one.importance = (0..<200).map { ("column \($0)", ReportedFigure(0.1, interval: 0...0.2)) }
      var examples = ExampleRows()
      examples.worst = (0..<10).map { number in
        var row = ExampleRows.Row(place: number + 1, truth: one.target!, prediction: one.target!)
        row.probability = (0.9, 0.1)
        row.values = (0..<16).map { ("column \($0)", $0 == 3 ? nil : one.target) }
        return row
      }
      one.examples = examples
      return one
    }
    whole.scores = [Measurement.Score("loss", ReportedFigure(1))]
    var run = RunFacts(path: "runs/many", name: "many")
    run.measured = [whole]
    let html = try Report([run]).html
    #expect(faultOf(page: html) == nil && html.utf8.count < Page.mostBytes, "\(html.utf8.count) bytes")
    #expect(!html.contains("Left out") && html.contains("of the other 176 only these figures"))
    #expect(html.contains("<section id=\"target-24\">") && !html.contains("target-25"))
    #expect(html.contains("… and 197 targets more"))
  }
}
