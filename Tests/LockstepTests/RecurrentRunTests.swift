import Diagnostics
import Kernels
import Layers
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// Runs of models that read position by position.
@Suite struct RecurrentRunTests {
  private static let text = "data: {noise-text: {vocabulary: 9, length: 12, count: 60}}\nstandardise: none\n"

  private static func recipe(_ model: String, _ more: String = "") -> String {
    text + "model: [\(model)]\noptimizer: {adam: 0.01}\nbatch: 12\nmicro-batch: 4\nepochs: 2\n\(more)"
  }

  /// Ranks, lanes, and lanes that share a micro-batch, whose kernels are cut into parts.
  @Test(arguments: [
    ("{embedding: {vocabulary: 9, width: 6}}, {lstm: {units: 40, layers: 2, dropout: 0.3}}, {dense: 9}", "float32"),
    ("{embedding: {vocabulary: 9, width: 6}}, {gru: {units: 33, bidirectional: true}}, {dense: 9}", "bfloat16"),
    (
      "{embedding: {vocabulary: 9, width: 8}}, {gru: 24}, {lstm: {units: 16, layers: 2, bidirectional: true, dropout: 0.2}}, {dense: 9}",
      "bfloat16"
    ),
  ])
  func theBitsAreTheSame(model: String, precision: String) throws {
    let folder = try Folder()
    let recipe = try folder.write("run.yaml", Self.recipe(model, "precision: \(precision)\n"))
    let digest = try train(recipe, ["lanes=1"], in: folder["one"])
    for (ranks, lanes, perLeaf) in [(1, 2, 1), (1, 2, 2), (2, 1, 1), (3, 1, 1), (2, 3, 3)] {
      let run = "\(ranks)-\(lanes)-\(perLeaf)"
      #expect(
        try train(recipe, ["lanes=\(lanes)", "lanes-per-leaf=\(perLeaf)"], in: folder[run], ranks: ranks) == digest,
        "\(run)")
    }
  }

  /// Without layers that need the positions behind theirs a model writes; what it writes is what it would whole.
  @Test func models() throws {
    let folder = try Folder()
    let words = "{embedding: {vocabulary: 9, width: 6}}, {lstm: {units: 12, layers: 2}}, {gru: 10}, {dense: 9}"
    try train(try folder.write("run.yaml", Self.recipe(words)), in: folder["run"])
    let model = try Model(folder["run"])
    let network = model.plan.network
    let parameters = FlatBuffer(count: model.plan.layout.count)
    model.plan.initialise(parameters.view, seed: 4)
    let vocabulary = Vocabulary(unit: .characters, names: "abcdefghi".map { String($0) })
    let writer = try TextGenerator(network, parameters: parameters.view, vocabulary: vocabulary)
    var (first, second) = ("", "")
    try writer.text(from: "abc", count: 40, .init(seed: 1)) { first += $0 }
    try writer.text(from: "abc", count: 40, .init(seed: 1)) { second += $0 }
    #expect(first.count == 40 && first == second && Set(first).count > 4)
  }

  @Test(arguments: [
    ("{lstm: {units: 0}}", "model.1.lstm.units"), ("{gru: {units: 4, layers: 0}}", "model.1.gru.layers"),
    ("{lstm: {units: 4, return: all}}", "model.1.lstm.return"),
    ("{lstm: {units: 4, dropout: 0.1}}", "expected several layers, between which outputs are dropped, found one"),
    ("{gru: {hidden: 4}}", "model.1.gru"),
    ("flatten, {gru: 4}", "model.2 (gru): expected samples of rank 2, positions × width, found 72"),
    ("{embedding-bag: {vocabulary: 9, width: 3}}", "embedding-bag"),
  ])
  func refusals(layer: String, words: String) throws {
    let yaml = Self.recipe("{embedding: {vocabulary: 9, width: 6}}, \(layer), {dense: 9}")
    let failure = failure { _ = try PreparedData(try configuration(yaml)) }
    #expect(
      failure?.code == .badConfiguration && failure!.description.contains(words),
      "\(layer): \(String(describing: failure))")
  }

  @Test func charLSTM() throws {
    let run = try RunConfiguration(recipeOrFile: "char-lstm")
    #expect(run.layers.map { type(of: $0).kind } == ["embedding", "lstm", "dense"])
    #expect((run.batch, run.microBatch, run.epochs) == (32, 16, 2))
  }
}
