import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Several targets of different kinds in one run, a loss each.
@Suite struct SeveralOutputsTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func csv(_ count: Int) -> String {
    var text = "city,price,bought,worth,colour,cost\n"
    for row in 0..<count {
      let (city, price) = (row * 31 % 9, row * 17 % 41)
      let worth = 1_000_000 + 5_000 * (3 * city - price)
      text +=
        "c\(city),\(price),\(price > 20 ? "no" : "yes"),\(worth),\(["red", "green", "blue"][city % 3]),\(price + city)\n"
    }
    return text
  }

  private func recipe(
    target: String = "[bought, worth, colour]", kind: String = "[classes, values, classes]", loss: String = "sum",
    model: String = "{mlp: [24]}", by: String = "", _ more: String = ""
  ) throws -> String {
    try folder.write("sales.csv", csv(500))
    return try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: sales.csv}
          target: \(target)
          kind: \(kind)
          split: {stratified: {test: 0.2, validation: 0.1\(by)}}
          keep-under: \(folder["prepared"])
          columns: [{embedding: city}, {number: price}]
      model: \(model)
      loss: \(loss)
      optimizer: {adam: 0.01}
      batch: 32
      micro-batch: 8
      epochs: 12
      \(more)

      """)
  }

  @Test func allAreLearnedAndTheReceiptIsThatOfAnyRanks() throws {
    let recipe = try recipe()
    let (digest, receipt) = try trainOnAnyRanks(recipe, in: folder)
    let model = try Model(folder["1"])
    #expect(model.outputShape == [6])
    let test = try model.evaluate(model.testData())
    #expect(test.headline.name == "accuracy of bought" && test.headline.value > 0.9)
    #expect(test.outputs.map(\.name) == ["bought", "worth", "colour"])
    let scores = Dictionary(uniqueKeysWithValues: test.outputs[1].metrics.map { ($0.name, $0.value) })
    // In the units of the column, whose deviation is about 70,000.
    #expect(scores["r squared"]! > 0.9 && (100..<30_000).contains(scores["mean absolute error"]!), "\(scores)")
    #expect(model.record.metrics["validation accuracy of colour"]! > 0.9)
    let report = try #require(test.report(digits: 3))
    #expect(report.contains("bought\n") && report.contains("colour\n"))
    // The same on a file with targets, and from the weights.
    #expect(try model.evaluate(model.labelledData(folder["sales.csv"], labels: nil)).headline.value > 0.9)
    let again = try ReceiptCheck(run: folder["1"]).receipt(from: .weights, in: folder["again"]) { _ in }
    #expect(again.firstDifference(from: receipt) == nil)
    let code = try LocalWorld.run(ranks: 1) { world in
      try TrainingRun(
        recipe: recipe, overrides: ["stop-after=9"], output: folder["parts"], verbosity: .silent, world: world
      ).train()
    }
    #expect(code == [75])
    #expect(try train(recipe, in: folder["parts"], ranks: 2, start: .resume) == digest)
  }

  @Test func predictionsHaveColumnsOfEach() throws {
    try train(recipe(), in: folder["run"])
    let model = try Model(folder["run"])
    try folder.write("new.csv", "price,city,id\n3,c1,a\nmuch,c1,b\n38,c2,c\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"], keeping: ["id"])
    let out = lines(try folder.text("out.csv")).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(
      out[0] == [
        "id", "bought", "colour", "probability of no of bought", "probability of yes of bought", "worth",
        "probability of blue of colour", "probability of green of colour", "probability of red of colour", "problem",
      ])
    #expect(out[1][..<3] == ["a", "yes", "green"] && out[3][..<3] == ["c", "no", "blue"], "\(out)")
    #expect(
      out[2][..<9] == ["b", "", "", "", "", "", "", "", ""] && out[2][9] == "\"column 'price': expected a number")
    let (probabilities, worth) = (out[1][3..<5].compactMap(Double.init), try #require(Double(out[1][5])))
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5 && abs(worth - 1_000_000) < 40_000, "\(out[1])")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.jsonl"])
    let first = try #require(lines(try folder.text("out.jsonl")).first)
    #expect(first.hasPrefix("{\"bought\": \"yes\", \"colour\": \"green\", \"probability of no of bought\": "))
    try model.writePredictions(of: folder["new.csv"], to: folder["out.parquet"])
    expectFailure(.usage, "as an array has no room for texts, found 'bought'") {
      try model.writePredictions(of: folder["new.csv"], to: folder["out.npy"])
    }
    // Predicted classes alone.
    let classes = try recipe(target: "[bought, colour]", kind: "[classes, classes]", "output: {probabilities: false}")
    try train(classes, ["epochs=1"], in: folder["classes"])
    try Model(folder["classes"]).writePredictions(of: folder["new.csv"], to: folder["few.csv"])
    let few = lines(try folder.text("few.csv"))
    #expect(
      few[0] == "bought,colour,problem"
        && few.filter { !$0.contains("column") }.allSatisfy { $0.count { $0 == "," } == 2 }, "\(few)")
  }

  /// A part that weighs nothing does not touch the others' numbers beyond the layers that they share.
  @Test func lossesAndWeightsAreInTheOrderOfTheTargets() throws {
    let loss = "{sum: {losses: [cross-entropy, huber, {cross-entropy: {label-smoothing: 0.1}}], weights: [1, 0, 1]}}"
    try train(recipe(loss: loss, model: "linear"), ["epochs=4"], in: folder["run"])
    let weights = try Model(folder["run"]).parameters.view.array
    let layout = try Model(folder["run"]).plan.layout
    let bias = try #require(layout.slots.last).range
    #expect(weights[bias.lowerBound + 2] == 0 && weights[bias.lowerBound + 1] != 0)
  }

  /// Two classes by one output, an interval of a number, and classes that weigh: from raw rows to predictions and back.
  @Test func eachTargetHasAnyLossThatFits() throws {
    let loss =
      "{sum: {losses: [binary-cross-entropy, {quantile: {quantiles: [0.1, 0.5, 0.9]}}, "
      + "{cross-entropy: {class-weights: [1, 2, 1], label-smoothing: 0.1}}]}}"
    let (_, receipt) = try trainOnAnyRanks(recipe(loss: loss), in: folder)
    let model = try Model(folder["1"])
    #expect(model.outputShape == [7])
    let test = try model.evaluate(model.testData())
    #expect(test.headline.name == "accuracy of bought" && test.headline.value > 0.9)
    for part in test.outputs {
      let expected = ["bought": "f1", "worth": "r squared", "colour": "accuracy"][part.name]
      #expect(part.metrics.contains { $0.name == expected && $0.value > 0.8 }, "\(part)")
    }
    let again = try ReceiptCheck(run: folder["1"]).receipt(from: .raw, in: folder["again"]) { settings in
      try train("\(folder["1"])/config.yaml", settings, in: folder["again/run"])
    }
    #expect(again.firstDifference(from: receipt) == nil)
    try folder.write("new.csv", "price,city\n3,c1\n38,c2\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    let out = lines(try folder.text("out.csv")).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(
      out[0] == [
        "bought", "colour", "probability of yes of bought", "worth quantile 0.1", "worth", "worth quantile 0.9",
        "probability of blue of colour", "probability of green of colour", "probability of red of colour", "problem",
      ])
    #expect(out[1][..<2] == ["yes", "green"] && out[2][..<2] == ["no", "blue"], "\(out)")
    for row in out.dropFirst() {
      let numbers = row[2..<9].compactMap { Double($0) }
      #expect((numbers[0] > 0.5) == (row[0] == "yes") && numbers[1] <= numbers[2] && numbers[2] <= numbers[3])
      #expect(abs(numbers[4..<7].reduce(0, +) - 1) < 1e-5 && (700_000...1_200_000).contains(numbers[2]))
    }
  }

  /// What is ignored of a target has no gradient there, and no say in its scores.
  @Test func ignoredClassesOfATarget() throws {
    let loss = "{sum: {losses: [cross-entropy, huber, {cross-entropy: {ignore: 0}}]}}"
    try train(recipe(loss: loss), in: folder["run"])
    let model = try Model(folder["run"])
    let test = try model.evaluate(model.testData())
    let report = try #require(test.report(digits: 3)?.split(separator: "colour\n").last)
    #expect(try #require(test.outputs[2].metrics.first { $0.name == "accuracy" }).value > 0.9, "\(report)")
    try folder.write("new.csv", "price,city\n3,c2\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    #expect(!lines(try folder.text("out.csv"))[1].contains("blue"), "blue was never learned")
  }

  @Test func whatIsRefused() throws {
    let cases: [(recipe: () throws -> String, message: String)] = [
      (
        { try recipe(loss: "cross-entropy") },
        "loss: expected a loss for each of 3 targets, found cross-entropy; write loss: sum"
      ),
      (
        { try recipe(loss: "{sum: {losses: [huber]}}") },
        "loss: expected as many losses as targets (bought, worth, colour), found 1"
      ),
      ({ try recipe(loss: "{sum: {weights: [1, 2]}}") }, "loss: expected as many weights as targets"),
      (
        { try recipe(loss: "{sum: {losses: [huber, huber, cross-entropy]}}") },
        "loss: expected a loss for classes, as 'bought' is, found huber"
      ),
      (
        { try recipe(loss: "{sum: {losses: [sum]}}") },
        "loss.sum.losses: expected a loss of one target each, found a sum"
      ),
      (
        { try recipe(loss: "{sum: {losses: [cross-entropy, huber, binary-cross-entropy]}}") },
        "loss: expected two classes for binary-cross-entropy, found 3 of 'colour'; use cross-entropy for it"
      ),
      (
        { try recipe(loss: "{sum: {losses: [{cross-entropy: {class-weights: [1, 2, 3]}}, huber, cross-entropy]}}") },
        "loss: expected a class weight for each of 2 classes of 'bought', found 3; list them in the order of the classes: no, yes"
      ),
      (
        { try recipe(loss: "{sum: {losses: [huber], weights: [1, 2]}}") },
        "loss.sum.weights: expected a weight for each of 1"
      ),
      ({ try recipe(loss: "{sum: {weights: [-1]}}") }, "loss.sum.weights.0: expected a number from 0"),
      ({ try recipe(kind: "[classes, values]") }, "kind: expected the kind of each of 3 targets, found 2"),
      (
        { try recipe(target: "bought", kind: "[classes]") },
        "kind: expected the kind of each of 1 targets, found 1; write one word"
      ),
      ({ try recipe(kind: "[classes, numbers, classes]") }, "kind.1: expected one of classes, values, found numbers"),
      ({ try recipe(kind: "classes") }, "target: expected one column of classes, found 3"),
      ({ try recipe(target: "colour", kind: "classes") }, "loss: expected several targets, each with its kind"),
      (
        { try recipe(model: "[{dense: 5}]") },
        "model.0 (dense): expected 6 outputs (bought: 2, worth: 1, colour: 3), found 5; give the last dense layer 6 units"
      ),
      (
        {
          try recipe(
            target: "[worth, cost]", kind: "values", loss: "huber", model: "[{dense: 8}, relu, {dense: 5}]",
            by: ", by: bought")
        },
        "model.2 (dense): expected 2 outputs (worth: 1, cost: 1), found 5; give the last dense layer 2 units"
      ),
      (
        {
          try recipe(
            target: "[worth, cost]", kind: "values", loss: "quantile", model: "[{dense: 2}]", by: ", by: bought")
        },
        "model.0 (dense): expected 6 outputs (worth: 3, cost: 3), found 2; give the last dense layer 6 units"
      ),
      ({ try recipe("metrics: [perplexity]") }, "expected scores of the targets, found perplexity"),
    ]
    for (number, (recipe, message)) in cases.enumerated() {
      expectFailure(.badConfiguration, message) { try train(recipe(), in: folder["\(number)"]) }
    }
  }

  /// Chosen metrics are those of the targets that they say something of.
  @Test func metricsOfEach() throws {
    try train(recipe("metrics: [accuracy, mean-absolute-error]"), ["epochs=1"], in: folder["run"])
    let names = try metrics(of: folder["run"]).keys.filter { $0.hasPrefix("validation ") }.sorted()
    #expect(
      names == [
        "validation accuracy of bought", "validation accuracy of colour", "validation loss",
        "validation mean absolute error of worth",
      ])
  }
}
