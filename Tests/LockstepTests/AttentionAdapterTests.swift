import Checkpoints
import Foundation
import Layers
import TestSupport
import Testing

@testable import Lockstep

/// A language model whose attention is fine-tuned by adapters: the same bits on any number of ranks and resumed, saved alone and gone on
/// from, merged.
@Suite struct AttentionAdapterTests {
  private static let base = """
    data: {noise-text: {vocabulary: 9, length: 12, count: 72}}
    standardise: none
    model:
      - embedding: {vocabulary: 9, width: 8}
      - residual: {body: [layer-norm, {attention: {heads: 4, key-heads: 2, causal: true, positions: rotary}}]}
      - residual: {body: [layer-norm, {dense: {units: 16}}, relu, {dense: {units: 8}}]}
      - dense: 9
    loss: cross-entropy
    optimizer: {adamw: 0.01}
    epochs: 2
    batch: 8
    micro-batch: 2
    """
  private static let lora = "lora={rank: 2, alpha: 4, dropout: 0.1, targets: [\"*.q_proj\", \"*.v_proj\", \"3\"]}"

  private let folder: Folder
  private let recipe: String
  private var from: String { "start-from={checkpoint: \(folder["base"])}" }

  init() throws {
    folder = try Folder()
    try folder.write("run.yaml", Self.base + "\n")
    recipe = folder["run.yaml"]
    try train(recipe, ["checkpoint-at-start=true"], in: folder["base"])
  }

  @Test(arguments: ["float32", "bfloat16"])
  func hasTheSameBitsOnRanksAndResumed(precision: String) throws {
    let settings = [from, Self.lora, "checkpoint-every=5", "keep-checkpoints=99", "precision=\(precision)"]
    let digest = try train(recipe, settings, in: folder["whole"])
    for ranks in 2...9 {
      let own = settings + ["lanes=\(1 + ranks % 2)", "bucket-size=64"]
      #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest, "\(ranks) ranks")
      try folder.remove("\(ranks)")
    }
    for name in folder.names("whole") where name.hasPrefix("step-") && Int(name.dropFirst(5))! > 5 {
      try folder.remove("whole/\(name)")
    }
    #expect(try train(recipe, settings, in: folder["whole"], ranks: 2, start: .resume) == digest)
    // What it started from is as it was.
    let (base, tuned) = (try Model(folder["base"]), try Model(folder["whole"]))
    let old = Dictionary(
      uniqueKeysWithValues: base.plan.layout.slots.map { ($0.name, base.parameters.view[$0.range].array) })
    for slot in tuned.plan.layout.slots {
      let now = tuned.parameters.view[slot.range].array
      if let old = old[slot.name] { #expect(now == old, "\(slot.name)") } else { #expect(now.contains { $0 != 0 }) }
    }
    #expect(tuned.plan.layout.slots.count == base.plan.layout.slots.count + 6)
  }

  @Test func isSavedAloneAndGoneOnFrom() throws {
    try train(recipe, [from, Self.lora], in: folder["run"])
    let model = try Model(folder["run"])
    try model.exportAdapter(to: folder["adapter"])
    let file = try SafeTensorsFile(folder["adapter/adapter_model.safetensors"])
    #expect(
      file.entries.map(\.name).sorted()
        == ["1.1.q_proj", "1.1.v_proj", "3"].flatMap { place in
          ["A", "B"].map { "base_model.model.\(place).lora_\($0).weight" }
        })
    let settings = try folder.text("adapter/adapter_config.json")
    #expect(settings.contains("\"target_modules\" : \"(1\\\\.1\\\\.q_proj|1\\\\.1\\\\.v_proj|3)\""), "\(settings)")
    #expect(settings.contains("\"lora_alpha\" : 4"))

    let again = Self.lora.dropLast() + ", from: \(folder["adapter"])}"
    try train(recipe, [from, "checkpoint-at-start=true", String(again)], in: folder["again"], ranks: 2)
    let first = try SafeTensorsFile(folder["again/step-00000000/model.safetensors"])
    for tensor in file.tensors {
      let name = tensor.name.replacing("base_model.model.", with: "")
      let own = try #require(first.tensors.first { $0.name == name })
      #expect(try first.numbers(of: own) == file.numbers(of: tensor), "\(name)")
    }
    try model.exportONNX(to: folder["merged.onnx"])
    #expect(try Inspection(weights: folder["merged.onnx"], as: .onnx).text.contains("lora") == false)
    try model.exportPyTorch(to: folder["torch"])
    #expect(
      try SafeTensorsFile(folder["torch/model.safetensors"]).entries.contains { $0.name.contains("lora") } == false)
    // A model with adapters goes on position by position.
    let text = try model.plan.network.plan(microBatch: 1, keepingRows: true)
    #expect(text.isRowwise)
  }

  @Test(arguments: [
    ("0", "lora.targets: expected a dense layer or attention at 0, found embedding"),
    ("1.1.in_proj_weight", "lora.targets: \"1.1.in_proj_weight\" fits no dense layer, and no projection of attention"),
  ])
  func badTargets(target: String, message: String) throws {
    let found = failure { try train(recipe, [from, "lora={targets: \"\(target)\"}"], in: folder["run"], ranks: 2) }
    #expect(found?.code == .badConfiguration && found?.description.contains(message) == true, "\(found as Any)")
  }

  /// What learns by itself has no adapter beside it, projection by projection; a target without a star may not name it.
  @Test(arguments: [
    (
      "[\"1.1.q_proj\"]", "[\"1.1.*\"]",
      "expected layers without an adapter, found 1.1.q_proj, which lora.targets names"
    ),
    (
      "[out_proj]", "[\"1.1.out_proj.*\"]", "expected layers without an adapter, found 1.1.out_proj, which lora.targets"
    ),
    (
      "[\"*\"]", "[\"1.*\", \"2.*\", \"3.*\"]",
      "expected layers that are left to adapt, found all that lora.targets names"
    ),
  ])
  func adaptersBesideWhatIsSaved(targets: String, saved: String, message: String) throws {
    let lora = "lora={rank: 2, targets: \(targets), modules-to-save: \(saved)}"
    let found = failure { try train(recipe, [from, lora], in: folder["run"]) }
    #expect(found?.code == .badConfiguration && found?.description.contains(message) == true, "\(found as Any)")
  }

  @Test func projectionsBesideOneThatIsSaved() throws {
    let lora = "lora={rank: 2, targets: [\"*\"], modules-to-save: [\"1.1.out_proj.*\"]}"
    try train(recipe, [from, lora], in: folder["run"])
    let names = try Model(folder["run"]).plan.layout.slots.map(\.name)
    #expect(names.contains { $0.hasPrefix("1.1.q_proj.lora_A") })
    #expect(!names.contains { $0.hasPrefix("1.1.out_proj.lora_") })
  }
}
