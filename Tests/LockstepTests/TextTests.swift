import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// A small language model on a small text: training in lockstep, writing, and what a user may get wrong.
@Suite struct TextTests {
  let folder: Folder

  init() throws {
    folder = try Folder()
    let text = (0..<60).map { "line \($0 % 7): the cat sat on mat \($0 * 13 % 10).\n" }.joined()
    try folder.write("text", text)
    try folder.write(
      "text.yaml",
      """
      data: {text: {file: \(folder["text"]), length: 20, stride: 9, vocabulary: 40, test-share: 0.2}}
      standardise: none
      model:
        - embedding: {vocabulary: 40, width: 12}
        - positions
        - dropout: 0.1
        - residual: {body: [layer-norm, {attention: {heads: 3, causal: true}}, {dropout: 0.2}]}
        - residual: {body: [layer-norm, {dense: 24}, {gelu: {approximation: tanh}}, {dense: 12}]}
        - layer-norm
        - dense: {units: 40, bias: false}
      optimizer: {adamw: 0.01}
      clip-norm: 1
      epochs: 3
      batch: 30
      micro-batch: 6
      seed: 5

      """)
  }

  private var recipe: String { folder["text.yaml"] }

  @Test(arguments: 1...4, 1...2)
  func sameBitsOnAnyNumberOfRanksAndLanes(ranks: Int, lanes: Int) throws {
    let expected = try train(recipe, ["lanes=1"], in: folder["alone"])
    let found = try train(recipe, ["lanes=\(lanes)", "bucket-size=500"], in: folder["run"], ranks: ranks)
    #expect(found == expected)
    #expect(try metrics(of: folder["run"]) == metrics(of: folder["alone"]))
  }

  /// What a model has learnt shows: a tenth of the perplexity of 40 equally likely characters, after 60 epochs.
  @Test func learnsAndWritesTheSameTextEachTime() throws {
    try train(recipe, ["epochs=60"], in: folder["run"])
    let model = try Model(folder["run"])
    let metrics = model.record.metrics
    let (loss, perplexity) = (try #require(metrics["test loss"]), try #require(metrics["test perplexity"]))
    #expect(abs(perplexity - exp(loss)) < 1e-9 * perplexity)
    #expect(perplexity < 4, "\(metrics)")
    #expect(try #require(metrics["test accuracy"]) > 0.6)

    let likeliest = try model.generate(from: "line 3: the ", count: 10, temperature: 0)
    #expect(likeliest == "cat sat on", "\(likeliest)")
    #expect(try model.generate(from: "line 3: the ", count: 10, topK: 1) == likeliest)
    let first = try model.generate(from: "", count: 60, seed: 1)
    #expect(first.unicodeScalars.count == 60)
    #expect(try model.generate(from: "", count: 60, seed: 1) == first)
    #expect(try model.generate(from: "", count: 30, seed: 1) == String(first.unicodeScalars.prefix(30)))
    #expect(try model.generate(from: "", count: 60, temperature: 2, seed: 2) != first)
    // A prompt longer than the network's input: the last 20 characters count.
    let long = String(repeating: "the cat sat on mat 1.\n", count: 3)
    #expect(
      try model.generate(from: long, count: 8, seed: 3)
        == model.generate(from: String(long.suffix(20)), count: 8, seed: 3))
    #expect(
      failure { _ = try model.generate(from: "line ü", count: 1) }?.description
        == "the prompt: expected characters of the training text, found U+FC (ü) in line 1; "
        + "leave it out, or train on a text that has it")
    #expect(try model.evaluate(model.testData()).samples > 10)
    let other = try folder.write("other", "line 3: the cat sat on mat 9.\nline 4: the cat sat on mat 2.\n")
    #expect(try model.evaluate(model.labelledData(other, labels: nil)).loss < 2)
    #expect(
      failure { _ = try model.writePredictions(of: other, to: other + ".csv") }?.description.contains(
        "lockstep generate") == true)
  }

  @Test(
    arguments: [
      ("standardise=feature", "standardise: expected none, as model.0 (embedding) reads tokens, found feature"),
      ("model.6.dense.units=39", "40 tokens in the vocabulary, but the model has 39 outputs"),
      ("model.5=flatten", "the model gives 40 a sample, where a row for each of the 20 tokens is expected"),
      ("data.text.vocabulary=20", "expected at most 20 different characters, found 25"),
      ("data.text.length=2000", "expected more than 2000 characters for training, found"),
      ("loss=mean-squared-error", "mean-squared-error cannot compare tokens"),
      ("data.text.vocabulary=41", "model.0 (embedding): expected a vocabulary of at least 41"),
      ("model.3.residual.body.1.attention.heads=5", "expected a width that 5 heads divide, found 20×12"),
    ])
  func mistakesAreNamed(setting: String, message: String) throws {
    let found = failure { try train(recipe, [setting], in: folder["run"]) }
    #expect(found?.description.contains(message) == true, "\(found?.description ?? "none")")
  }

  /// An embedding reads whole numbers of a table as well; others are refused before anything is computed.
  @Test func tokensOfATableAreChecked() throws {
    let yaml = """
      data: {csv: {train: \(folder["table.csv"])}}
      standardise: none
      model: [{embedding: {vocabulary: 4, width: 2}}, flatten, {dense: 2}]
      batch: 2

      """
    try folder.write("table.csv", "a,b,label\n0,3,x\n1,2,y\n")
    #expect(throws: Never.self) { try PreparedData(configuration(yaml)) }
    for bad in ["4", "-1", "0.5"] {
      try folder.write("table.csv", "a,b,label\n0,3,x\n1,\(bad),y\n")
      let found = failure { _ = try PreparedData(configuration(yaml)) }
      #expect(found?.description.contains("expected whole numbers in 0..<4 for model.0 (embedding)") == true, "\(bad)")
    }
  }

  /// Nor are they trained; checkpoints of earlier versions may hold some.
  @Test func modelsThatSeeTheFutureDoNotWrite() throws {
    let seeing = ["model.3.residual.body.1.attention.causal=false", "epochs=1"]
    let refused = failure { try train(recipe, seeing, in: folder["run"]) }
    #expect(refused?.description.contains("found one that sees the answer; set causal: true") == true)
    try train(recipe, ["epochs=1"], in: folder["run"])
    let model = try Model(folder["run"])
    let configuration = try RunConfiguration(recipeOrFile: recipe, overrides: seeing)
    let network = try configuration.network(input: model.plan.network.input, model.schema)
    let names = try #require(model.record.classes)
    let found = failure {
      _ = try TextGenerator(
        network, parameters: model.parameters.view, vocabulary: Vocabulary(unit: .characters, names: names))
    }
    #expect(found?.description.contains("model.3.1 (attention): expected one by which no position") == true)
  }
}
