import Diagnostics
import Foundation
import Layers
import TestSupport
import Testing

@testable import Lockstep

/// A language model of whole numbers of 8 bits, with adapters that were merged into its weights before.
@Suite struct LanguageQuantisationTests {
  private let folder: Folder
  private let recipe: String

  init() throws {
    folder = try Folder()
    let text = (0..<400).map { "\($0 * 7 % 40) is \($0 * 7 % 40 + 1) less one" }.joined(
      separator: "\n")
    try folder.write("text.txt", text + "\n")
    try folder.write(
      "run.yaml",
      """
      data: {text: {file: \(folder["text.txt"]), unit: characters, length: 16, vocabulary: 24, test-share: 0.1}}
      standardise: none
      model:
        - embedding: {vocabulary: 24, width: 32}
        - positions
        - residual: {body: [layer-norm, {attention: {heads: 4, causal: true}}]}
        - residual: {body: [layer-norm, {dense: {units: 64}}, relu, {dense: {units: 32}}]}
        - dense: {units: 24, tied: "0", bias: false}
      loss: cross-entropy
      optimizer: {adamw: 0.01}
      epochs: 2
      batch: 16
      micro-batch: 8

      """)
    recipe = folder["run.yaml"]
    try train(recipe, in: folder["base"])
  }

  @Test func attentionAndTablesAreRounded() throws {
    let model = try Model(folder["base"])
    let found = try model.quantise(rows: 40)
    #expect(found.layers == ["0", "2.1", "3.1", "3.3", "4"] && found.tables == ["0"])
    #expect(
      found.scales["2.1.in_proj"] != nil && found.scales["2.1.out_proj"] != nil
        && found.scales.count == 5)
    let comparison = try #require(found.comparison)
    let loss = comparison.figures[0]
    #expect(
      loss.floats < 2 && loss.floats != loss.bytes && abs(loss.floats - loss.bytes) < 0.05,
      "\(loss)")
    #expect(found.size.bytes * 3 < found.size.floats)

    let test = try model.testData()
    let evaluated = try (1...3).map { ranks in
      try LocalWorld.run(ranks: ranks) { world in
        try Model(folder["base"], world: world, decision: .used, arithmetic: .integers).evaluate(
          test
        ).loss
      }
    }
    #expect(evaluated.allSatisfy { $0.allSatisfy { $0 == loss.bytes } }, "\(evaluated)")

    let rounded = try Model(folder["base"], decision: .used, arithmetic: .integers)
    let (own, other) = (
      try rounded.generate(from: "7 is ", count: 60, temperature: 0),
      try model.generate(from: "7 is ", count: 60, temperature: 0)
    )
    #expect(own.count == 60 && own.commonPrefix(with: other).count > 3, "\(own) | \(other)")
    try model.exportONNX(to: folder["floats.onnx"])
    try rounded.exportONNX(to: folder["bytes.onnx"])
    func size(_ name: String) throws -> Int {
      try Data(contentsOf: URL(fileURLWithPath: folder[name])).count
    }
    #expect(try size("bytes.onnx") * 2 < size("floats.onnx"))
  }

  @Test func someLayersAreChosen() throws {
    let model = try Model(folder["base"])
    #expect(
      try model.quantise(rows: 20, layers: [NamePattern("2.*"), NamePattern("0")]).layers == [
        "0", "2.1",
      ])
    #expect(try model.quantise(rows: 20, layers: [NamePattern("0")]).share == 0)
    #expect(
      try Model(folder["base"], decision: .used, arithmetic: .integers).quantisation?.tables == [
        "0"
      ])
    let found = failure { _ = try model.quantise(rows: 20, layers: [NamePattern("1")]) }
    #expect(
      found?.code == .usage && found?.description.contains("found \"1\", which fits none") == true)
  }

  /// What is rounded is W + (α/r)·B·A, and figures are near those of the adapters beside floats.
  @Test func adaptersAreMergedBefore() throws {
    try train(
      recipe,
      [
        "start-from={checkpoint: \(folder["base"])}", "epochs=1",
        "lora={rank: 4, alpha: 16, targets: [\"*.q_proj\", \"*.v_proj\", \"3.*\"]}",
      ], in: folder["tuned"])
    let (base, tuned) = (try Model(folder["base"]), try Model(folder["tuned"]))
    let found = try tuned.quantise(rows: 40)
    #expect(found.layers == ["0", "2.1", "3.1", "3.3", "4"])
    let loss = try #require(found.comparison).figures[0]
    let test = try tuned.testData()
    #expect(try tuned.evaluate(test).loss == loss.floats)
    let rounded = try Model(folder["tuned"], decision: .used, arithmetic: .integers)
    #expect(try rounded.evaluate(test).loss == loss.bytes)
    let before = try base.evaluate(test).loss
    #expect(abs(loss.floats - loss.bytes) < 0.3 * abs(before - loss.floats), "\(before) \(loss)")
    try rounded.exportONNX(to: folder["bytes.onnx"])
    #expect(try rounded.generate(from: "7 is ", count: 9).count == 9)
  }
}
