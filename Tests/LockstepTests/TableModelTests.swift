import Foundation
import Layers
import TestSupport
import Testing

@testable import Lockstep

/// Networks of tables: learned rows for words, and bodies by one word.
@Suite struct TableModelTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// Whether it is bought depends on the sum of what city and kind are worth, by a rule without order, and on the price.
  private func csv(_ count: Int) -> String {
    var text = "city,kind,price,bought,worth,colour\n"
    for row in 0..<count {
      let (city, kind, price) = (row * 31 % 23, row * 7 % 5, row * 17 % 41)
      let worth = Double(city * city % 11 + 3 * (kind * kind % 7)) - Double(price) / 4
      let name = row % 29 == 5 ? "" : "c\(city)"
      text += "\(name),k\(kind),\(price),\(worth > 5 ? "yes" : "no"),\(worth),\(["red", "green", "blue"][city % 3])\n"
    }
    return text
  }

  private func recipe(
    _ model: String, columns: String = "{embedding: city}, {number: price}, {embedding: kind}",
    target: String = "bought", _ more: String = "loss: cross-entropy"
  ) throws -> String {
    try folder.write("sales.csv", csv(600))
    return try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: sales.csv}
          target: \(target)
          split: {random: {test: 0.2}}
          keep-under: \(folder["prepared"])
          columns: [\(columns)]
      model: \(model)
      \(more)
      optimizer: {adam: 0.01}
      batch: 32
      micro-batch: 8
      epochs: 12

      """)
  }

  @Test func wordsAreLearnedAndTheReceiptIsThatOfAnyRanks() throws {
    let recipe = try recipe("[{dense: 16}, relu, {dense: 2}]")
    let (digest, receipt) = try trainOnAnyRanks(recipe, in: folder)
    let model = try Model(folder["1"])
    #expect(
      model.plan.layout.slots.map { "\($0.name) \($0.shape)" } == [
        "embeddings.city.weight 24×12", "embeddings.kind.weight 6×3", "0.weight 16×16", "0.bias 16", "2.weight 2×16",
        "2.bias 2",
      ])
    #expect(try model.evaluate(model.testData()).headline.value > 0.9)
    #expect(try Inspection(checkpoint: folder["1"]).text.contains("embeddings  column-embeddings  16 "))
    // The receipt's last links once more, from the weights alone.
    let again = try ReceiptCheck(run: folder["1"]).receipt(from: .weights, in: folder["again"]) { _ in }
    #expect(again.firstDifference(from: receipt) == nil)
    // A word that nobody knows, and none, are one.
    try folder.write("new.csv", "kind,price,city\nk1,3,c7\nk1,3,nowhere\nk1,3,\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    let out = lines(try folder.text("out.csv"))
    #expect(out.count == 4 && out[2] == out[3] && out[1] != out[2], "\(out)")
    // Resumed from a checkpoint.
    let code = try LocalWorld.run(ranks: 1) { world in
      try TrainingRun(
        recipe: recipe, overrides: ["stop-after=9"], output: folder["parts"], verbosity: .silent, world: world
      ).train()
    }
    #expect(code == [75])
    #expect(try train(recipe, in: folder["parts"], ranks: 2, start: .resume) == digest)
  }

  @Test func placesAreNotStandardised() throws {
    let recipe = try recipe("linear", "standardise: feature\nloss: cross-entropy")
    expectFailure(
      .badConfiguration, "standardise: expected none, as column 'city' gives places of words, found feature"
    ) {
      try train(recipe, in: folder["run"])
    }
  }

  /// A body is the layers that it stands for: the same bits.
  @Test(arguments: [
    ("linear", "[{dense: {units: 2, initialiser: zeros}}]"),
    ("{mlp: {hidden: [12], activation: tanh, dropout: 0.1}}", "[{dense: 12}, tanh, {dropout: 0.1}, {dense: 2}]"),
    ("{mlp: [8, 4]}", "[{dense: 8}, relu, {dense: 4}, relu, {dense: 2}]"),
    (
      "{wide-and-deep: {hidden: [8]}}",
      "[{parallel: {join: add, branches: [[{dense: {units: 2, bias: false, initialiser: zeros}}], "
        + "[{dense: 8}, relu, {dense: 2}]]}}]"
    ),
  ])
  func aBodyIsItsLayers(body: String, layers: String) throws {
    let digest = try train(recipe(body), ["epochs=2"], in: folder["body"])
    #expect(try train(recipe(layers), ["epochs=2"], in: folder["layers"]) == digest)
    #expect(try Model(folder["body"]).plan.outputShape == [2])
  }

  /// One a class, one for two classes of a binary loss, one a column of numbers.
  @Test func outputsAreKnownFromTheData() throws {
    let cases = [
      ("bought", "loss: binary-cross-entropy", 1), ("colour", "loss: cross-entropy", 3),
      ("worth\n    kind: values", "loss: mean-squared-error", 1),
      ("[worth, price]\n    kind: values", "loss: huber", 2),
    ]
    for (number, (target, loss, outputs)) in cases.enumerated() {
      let recipe = try recipe("mlp", columns: "{embedding: city}, {category: kind}", target: target, loss)
      try train(recipe, ["epochs=1"], in: folder["\(number)"])
      let model = try Model(folder["\(number)"])
      #expect(model.outputShape == [outputs], "\(target)")
      try model.writePredictions(of: folder["sales.csv"], to: folder["\(number).csv"])
    }
  }

  @Test(arguments: [
    ("model=mpl", "model: expected one of mlp, wide-and-deep, linear, found mpl; did you mean mlp?"),
    (
      "model=relu",
      "expected a list of layers, or one of mlp, wide-and-deep, linear, found relu alone; put it into a list: - relu"
    ),
    ("model={dense: 3}", "found dense alone; put it into a list"),
    (
      "model={mlp: {hidden: []}}",
      "model.mlp.hidden: expected the units of each hidden layer, found none; write model: linear"
    ),
    ("model={mlp: {hidden: [0]}}", "model.mlp.hidden.0: expected a whole number from 1"),
    ("model={mlp: {hiden: [3]}}", "model.mlp.hiden: unknown key; did you mean hidden?"),
    ("model={mlp: {dropout: 1}}", "model.mlp.dropout: expected a number of at least 0 and less than 1, found 1"),
    ("model={mlp: {activation: swish}}", "model.mlp.activation: expected one of relu, gelu, silu, tanh, found swish"),
    ("model={linear: 3}", "model.linear: takes no settings, found 3"),
    ("model={mlp: 3}", "model.mlp.hidden: expected a list, found 3"),
    ("input_features=[{name: a, type: number}]", "input_features: a key of Ludwig's configurations"),
    ("output-features=[{name: a, type: number}]", "columns stand in data: {table: {columns:"),
    ("trainer.epochs=3", "trainer: a key of Ludwig's configurations"),
    ("combiner=concat", "layers, or one of mlp, wide-and-deep, linear, stand in model"),
  ])
  func mistakes(override: String, message: String) {
    expectFailure(.badConfiguration, message) { _ = try configuration("data: two-class\nmodel: mlp\n", override) }
  }

  /// Pictures as targets have no names, by which a checkpoint would know how many outputs there are.
  @Test func aBodyWantsClassesOrColumns() throws {
    let run = try configuration("data: two-class\nmodel: mlp\n")
    expectFailure(.badConfiguration, "model.mlp: expected classes or columns of numbers, which tell how many outputs") {
      _ = try run.network(input: [2], Schema())
    }
  }
}
