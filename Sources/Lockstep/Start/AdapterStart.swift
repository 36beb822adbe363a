import Checkpoints
import Diagnostics
import Files
import Foundation
import Layers
import Tensors

extension FineTuning {
  /// Overwrites the adapters' slots of `parameters`, and what else it has, with the adapter of `lora.from`; on the rank that reads.
  ///
  /// Returns its name with its digest, and the slots; nil where there is none. Throws bad data (65) where it is one of other layers,
  /// another rank or another form, or was trained beside other weights than `base`.
  func loadAdapter(
    into parameters: FloatView, _ plan: Plan, base: String?
  ) throws -> (base: String, slots: Set<String>)? {
    guard let folder = adapterFolder, let adapter else { return nil }
    guard isDirectory(folder) else {
      throw Failure(
        .missingInput, at: folder, "expected a folder with an adapter, found \(exists(folder) ? "a file" : "none")",
        cure: "name one that export --peft, or PEFT's save_pretrained, wrote")
    }
    try adapter.requireForm(of: "\(folder)/\(AdapterFolder.settings)")
    let file = try SafeTensorsFile("\(folder)/\(AdapterFolder.tensors)")
    let own = file.metadata[AdapterFolder.base]
    var loaded: Set<String> = []
    if let own, let digest = own.split(separator: " ").last, base?.hasSuffix(digest) != true {
      throw Failure(
        .badData, at: file.path,
        "expected an adapter beside \(base ?? "what the layers start as"), found one beside "
          + own.shown(), cure: "start from the weights that it was trained beside, with start-from")
    }
    let slots = Dictionary(uniqueKeysWithValues: plan.layout.slots.map { ($0.name, $0) })
    var missing = Set(plan.layout.slots.map(\.name).filter(Adapter.slots.match))
    for tensor in file.tensors {
      let name = tensor.name.replacing(AdapterFolder.prefix, with: "", maxReplacements: 1)
        .replacing(".modules_to_save.default.", with: ".").replacing(".o_proj.lora_", with: ".out_proj.lora_")
      guard let slot = slots[name] else {
        throw Failure(
          .badData, at: file.path, "tensor \"\(tensor.name.shown())\": expected a slot of that name, found none",
          cure: "name in lora.targets the layers that the adapter has: adapter_config.json tells them")
      }
      guard Adapter.slots.match(name) || !slot.isFrozen else {
        throw Failure(
          .badData, at: file.path,
          "tensor \"\(tensor.name.shown())\": expected what an adapter has, found weights that stay as they are",
          cure: "name it in lora.modules-to-save, or leave it out of the adapter")
      }
      guard !loaded.contains(name) else {
        throw Failure(
          .badData, at: file.path, "tensor \"\(tensor.name.shown())\": expected one for slot \(name), found two",
          cure: "save the adapter again")
      }
      guard slot.shape == tensor.shape else {
        throw Failure(
          .badData, at: file.path,
          "tensor \"\(tensor.name.shown())\": expected shape \(slot.shape), found \(tensor.shape)",
          cure: "give lora the rank of the adapter")
      }
      let stored = FlatBuffer(count: slot.range.count)
      try file.read(tensor, into: stored.view)
      slot.load(stored.view, into: parameters[slot.range])
      missing.remove(name)
      loaded.insert(name)
    }
    if let name = missing.min() {
      throw Failure(
        .badData, at: file.path, "expected a tensor \(AdapterFolder.prefix)\(name), found none",
        cure: "name in lora.targets only layers that the adapter has")
    }
    return ("\(AdapterFolder.tensors) \(try RegularFile(file.path).digest().description)", loaded)
  }
}

extension FineTuning {
  /// Refuses to go on with a run that went on from another adapter. Where its folder has moved since, and none is named that is there,
  /// that is no fault: what was read of it is in the checkpoint.
  func requireSameAdapter(as checkpoint: Checkpoint) throws {
    guard let folder = adapterFolder, exists("\(folder)/\(AdapterFolder.tensors)") else { return }
    let found = "\(AdapterFolder.tensors) \(try RegularFile("\(folder)/\(AdapterFolder.tensors)").digest().description)"
    guard let was = checkpoint.record.adapter, was != found else { return }
    throw Failure(
      .badConfiguration, at: checkpoint.path,
      "belongs to another run: expected lora.from \(was), found \(found) in \(folder)",
      cure: "name the folder of that adapter, or start anew with another --output")
  }
}

extension Adapter {
  /// Refuses what PEFT says of another rank or alpha, and forms of adapters that compute something else.
  fileprivate func requireForm(of path: String) throws {
    struct Settings: Decodable {
      let peft_type: String?
      let bias: String?
      let r: Int
      let lora_alpha: Double
      let use_rslora: Bool?
      let use_dora: Bool?
      let fan_in_fan_out: Bool?
      let rank_pattern: [String: Int]?
      let alpha_pattern: [String: Double]?
    }
    func failure(_ expected: String, _ found: String, _ cure: String) -> Failure {
      Failure(.badData, at: path, "expected \(expected), found \(found)", cure: cure)
    }
    let text = try textFile(path, limit: 1 << 20)
    guard let own = try? JSONDecoder().decode(Settings.self, from: Data(text.utf8)) else {
      throw failure("PEFT's settings of an adapter, with r and lora_alpha", "other text", "export or save it again")
    }
    guard own.peft_type ?? "LORA" == "LORA" else {
      throw failure("an adapter of LoRA", own.peft_type ?? "", "train one with lora")
    }
    guard own.bias ?? "none" == "none" else {
      throw failure("bias none", own.bias ?? "", "merge it into the weights with PEFT, and start from these")
    }
    guard own.r == rank else { throw failure("rank \(rank)", "\(own.r)", "set lora.rank to \(own.r)") }
    guard own.lora_alpha == alpha else {
      throw failure("alpha \(alpha)", "\(own.lora_alpha)", "set lora.alpha to \(own.lora_alpha)")
    }
    let forms = [("use_rslora", own.use_rslora), ("use_dora", own.use_dora), ("fan_in_fan_out", own.fan_in_fan_out)]
    if let form = forms.first(where: { $1 == true }) {
      throw failure(
        "(α/r)·B·A beside a linear layer", form.0, "merge it into the weights with PEFT, and start from these")
    }
    guard own.rank_pattern?.isEmpty ?? true, own.alpha_pattern?.isEmpty ?? true else {
      throw failure("one rank and one alpha for all layers", "several", "merge it into the weights with PEFT")
    }
  }
}
