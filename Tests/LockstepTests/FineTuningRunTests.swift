import Checkpoints
import Foundation
import Layers
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// Runs that learn a part of a network, or parts one after the other, and adapters: resumed, exported, and gone on from.
@Suite struct FineTuningRunTests {
  /// 16 steps an epoch.
  private static let settings = [
    "data.two-class.train=1000", "epochs=4", "checkpoint-every=7", "keep-checkpoints=99", "clip-norm=0.5",
    "model=[{dense: 16}, batch-norm, relu, {dense: 8}, tanh, {dense: 2}]", "ema={decay: 0.9}",
  ]

  @Test(arguments: [
    ["freeze=[\"0.*\", \"1.*\"]"],
    ["freeze=[\"0.*\", \"1.*\", \"3.*\"]", "unfreeze={2: [\"3.*\"], 3: [\"1.*\"]}", "layer-decay=0.5"],
    ["groups=[{slots: [\"0.*\", \"1.*\"], rate: 0.1, weight-decay: 0.01}, {slots: \"*.bias\", rate: 2}]"],
    ["lora={rank: 3, alpha: 6, dropout: 0.1, targets: [\"0\", \"3\"], modules-to-save: [\"5.*\"]}"],
  ])
  func aResumedRunHasTheBitsOfAWholeOne(more: [String]) throws {
    let folder = try Folder()
    let settings = Self.settings + more
    let digest = try train("two-class", settings, in: folder["whole"])
    for (last, ranks) in [(7, 2), (16, 3), (35, 2)] {
      try folder.copy("whole", to: "run")
      for name in folder.names("run") where name.hasPrefix("step-") && Int(name.dropFirst(5))! > last {
        try folder.remove("run/\(name)")
      }
      let other = settings + ["bucket-size=16", "lanes=2", "transport=messages"]
      #expect(try train("two-class", other, in: folder["run"], ranks: ranks, start: .resume) == digest, "after \(last)")
      let (now, then) = (try Model(folder["run"]).record, try Model(folder["whole"]).record)
      #expect(now.files == then.files && now.metrics == then.metrics)
      try folder.remove("run")
    }
    // What is measured again is what the run measured.
    let model = try Model(folder["whole"])
    #expect(try model.evaluate(model.testData()).loss == model.record.metrics["test loss"])
    let again = try ReceiptCheck(run: folder["whole"]).receipt(from: .weights, in: folder.path) { _ in }
    #expect(try Receipt(ofRun: folder["whole"]).firstDifference(from: again)?.link == nil)
  }

  /// A checkpoint has no state for what is frozen, and the average of it is itself.
  @Test func aCheckpointOfFrozenSlots() throws {
    let folder = try Folder()
    try train(
      "two-class", Self.settings + ["freeze=[\"0.*\", \"1.*\"]", "checkpoint-at-start=true"], in: folder["run"])
    let checkpoint = try Checkpoint.load(folder["run"]).checkpoint
    let state = try checkpoint.tensors(of: "optimizer.safetensors").map(\.name)
    #expect(state.contains("m.3.weight") && state.contains("ema.5.bias"))
    #expect(!state.contains { $0.contains(".0.weight") || $0.contains(".1.") })
    let files = try ["model", "ema"].map { try SafeTensorsFile("\(checkpoint.path)/\($0).safetensors") }
    #expect(files[0].entries.map(\.name).sorted() == files[1].entries.map(\.name).sorted())
    let start = try SafeTensorsFile(folder["run/step-00000000/model.safetensors"])
    for tensor in files[0].tensors {
      let numbers = try ([start] + files).map { file in
        try file.numbers(of: file.tensors.first { $0.name == tensor.name }!)
      }
      let stays = tensor.name.hasPrefix("0.") || tensor.name.hasPrefix("1.")
      #expect((numbers[0] == numbers[1]) == stays && (numbers[1] == numbers[2]) == stays, "\(tensor.name)")
    }
  }

  @Test func oldRunsAreTheSame() throws {
    let folder = try Folder()
    try train("two-class", ["epochs=1"], in: folder["run"])
    expectFailure(
      .badConfiguration, "belongs to another run: expected freeze as it was ([]), found [\"0.*\"]; restore the setting"
    ) {
      try train("two-class", ["epochs=2", "freeze=[\"0.*\"]"], in: folder["run"], start: .resume)
    }
  }

  /// The adapter alone, in PEFT's layout, beside the same weights goes on where it was; beside others it is refused.
  @Test func anAdapterIsWrittenAndReadAlone() throws {
    let folder = try Folder()
    let base = Self.settings + ["checkpoint-at-start=true"]
    try train("two-class", base, in: folder["base"])
    let from = "start-from={checkpoint: \(folder["base"])}"
    let lora = "rank: 3, alpha: 6, targets: [\"0\", \"3\"], modules-to-save: [\"5.*\"]"
    try train("two-class", base + [from, "lora={\(lora)}"], in: folder["run"])
    let model = try Model(folder["run"])
    try model.exportAdapter(to: folder["adapter"])
    let file = try SafeTensorsFile(folder["adapter/adapter_model.safetensors"])
    #expect(
      file.entries.map(\.name).sorted() == [
        "base_model.model.0.lora_A.weight", "base_model.model.0.lora_B.weight", "base_model.model.3.lora_A.weight",
        "base_model.model.3.lora_B.weight", "base_model.model.5.bias", "base_model.model.5.weight",
      ])
    #expect(file.metadata["base"] == model.record.startFrom)
    let settings = try folder.text("adapter/adapter_config.json")
    for line in ["\"r\" : 3", "\"lora_alpha\" : 6", "\"target_modules\" : \"(0|3)\"", "\"peft_type\" : \"LORA\""] {
      #expect(settings.contains(line), "\(settings)")
    }

    let again = "lora={\(lora), from: \(folder["adapter"])}"
    try train("two-class", base + ["ema=null", from, again], in: folder["again"], ranks: 2)
    let first = try SafeTensorsFile(folder["again/step-00000000/model.safetensors"])
    for tensor in file.tensors {
      let name = tensor.name.replacing("base_model.model.", with: "")
      let own = try #require(first.tensors.first { $0.name == name })
      #expect(try first.numbers(of: own) == file.numbers(of: tensor), "\(name)")
    }
    expectFailure(.badData, "expected an adapter beside what the layers start as, found one beside checkpoint sha256:")
    {
      try train("two-class", base + [again], in: folder["other"], ranks: 2)
    }
    for (own, other, message) in [
      ("rank: 3", "rank: 4", "expected rank 4, found 3; set lora.rank to 3"),
      ("alpha: 6", "alpha: 60", "expected alpha 60.0, found 6.0; set lora.alpha to 6.0"),
    ] {
      expectFailure(.badData, message) {
        try train("two-class", base + [from, again.replacing(own, with: other)], in: folder["other"], ranks: 2)
      }
    }
    // What the run goes on from is known: the adapter, and the weights beside it.
    let record = try Model(folder["again"]).record
    #expect(record.adapter?.hasPrefix("adapter_model.safetensors sha256:") == true)
    #expect(record.startFrom != nil && record.startFrom == model.record.startFrom)
    // Earlier ones had both in one text.
    var joined = record
    (joined.startFrom, joined.adapter) = ("\(record.adapter!) beside \(record.startFrom!)", nil)
    let read = try JSONDecoder().decode(RunRecord.self, from: JSONEncoder().encode(joined))
    #expect(read.startFrom == record.startFrom && read.adapter == record.adapter)
    (joined.startFrom, joined.adapter) = (record.adapter, nil)
    let alone = try JSONDecoder().decode(RunRecord.self, from: JSONEncoder().encode(joined))
    #expect(alone.startFrom == nil && alone.adapter == record.adapter)
    // A run goes on wherever its adapter lies now, or if that is gone, but not with another one.
    let moved = again.replacing(folder["adapter"], with: folder["moved"])
    let resumed = base + ["ema=null", from]
    for (name, ranks) in [("first", 1), ("second", 2)] {
      try folder.copy("again", to: name)
      let steps = folder.names(name).filter { $0.hasPrefix("step-") }.sorted()
      try folder.remove("\(name)/\(steps.last!)")
      if name == "second" { try folder.copy("adapter", to: "moved") }
      let digest = try train("two-class", resumed + [moved], in: folder[name], ranks: ranks, start: .resume)
      #expect(digest == record.digest)
    }
    try Model(folder["again"]).exportAdapter(to: folder["trained"])
    let other = again.replacing(folder["adapter"], with: folder["trained"])
    expectFailure(.badConfiguration, "expected lora.from adapter_model.safetensors sha256:") {
      try train("two-class", resumed + [other], in: folder["first"], start: .resume)
    }
    #expect(try folder.text("again/start-from.txt").contains("of lora.from"))
    try Model(folder["again"]).exportAdapter(to: folder["later"])
    #expect(
      try SafeTensorsFile(folder["later/adapter_model.safetensors"]).metadata["base"] == model.record.startFrom)
    // Without the adapter the weights would be others than the run's.
    expectFailure(.badData, "expected weights, found some with an adapter beside them") {
      try train("two-class", base + ["start-from={checkpoint: \(folder["run"])}"], in: folder["lost"])
    }
    expectFailure(.usage, "expected a run with lora, found one without") {
      _ = try Model(folder["base"]).exportAdapter(to: folder["none"])
    }
    try model.exportONNX(to: folder["merged.onnx"])
    #expect(try Inspection(weights: folder["merged.onnx"], as: .onnx).text.contains("lora") == false)
  }

  /// A pattern of targets passes over what learns as a whole.
  @Test func whatIsSavedHasNoAdapter() throws {
    let folder = try Folder()
    let lora = "lora={rank: 2, targets: [\"*\"], modules-to-save: [\"5.*\"]}"
    try train("two-class", Self.settings + ["ema=null", lora], in: folder["run"])
    let slots = try Model(folder["run"]).plan.layout.slots
    #expect(slots.map(\.name).filter { $0.contains("lora_A") } == ["0.lora_A.weight", "3.lora_A.weight"])
    let first = try Model("\(folder["run"])/step-00000007")
    for slot in slots where slot.name.hasPrefix("5.") || slot.name.hasPrefix("3.") {
      let isSame = try first.parameters.view[slot.range].array == Model(folder["run"]).parameters.view[slot.range].array
      #expect(isSame == ["3.weight", "3.bias"].contains(slot.name), "\(slot.name)")
    }
  }

  @Test(arguments: [
    ("freeze=[\"7.*\"]", "freeze: \"7.*\" fits no slot"),
    ("unfreeze={3: [\"0.*\"]}", "unfreeze.3: \"0.*\" fits no slot that is frozen"),
    ("unfreeze={1: [\"0.*\"]}", "expected epochs from 2 on, found '1'"),
    ("groups=[{slots: \"9.*\"}]", "groups.0.slots: \"9.*\" fits no slot that learns"),
    ("layer-decay=0", "expected a number from"),
    ("lora={rank: 2, targets: \"4\"}", "lora.targets: expected a dense layer or attention at 4, found tanh"),
    ("lora={rank: 2, targets: \"9\"}", "lora.targets: \"9\" fits no dense layer"),
    ("lora={rank: 0, targets: \"0\"}", "expected a whole number from 1"),
    ("lora={targets: \"0\", modules-to-save: [\"9\"]}", "lora.modules-to-save: \"9\" fits no slot"),
    (
      "lora={targets: [\"0\", \"3\"], modules-to-save: [\"3.*\"]}", "expected layers without an adapter, found 3, which"
    ),
    ("unfreeze={1000: [\"0.*\"]}", "found 1000: what it names would never learn"),
  ])
  func badSettings(setting: String, message: String) throws {
    let folder = try Folder()
    let found = failure { try train("two-class", Self.settings + [setting], in: folder["run"], ranks: 2) }
    #expect(found?.code == .badConfiguration && found?.description.contains(message) == true, "\(found as Any)")
    #expect(folder.names() == [])
  }
}
