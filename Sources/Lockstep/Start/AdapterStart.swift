import Checkpoints
import Diagnostics
import Layers
import Tensors

extension FineTuning {
  /// Overwrites the adapters' slots of `parameters`, and what else it has, with the adapter of `lora.from`; on the rank that reads.
  ///
  /// Throws bad data (65) where it is one of other layers or another rank, or was trained beside other weights than `base`.
  func loadAdapter(into parameters: FloatView, _ plan: Plan, base: String?) throws {
    guard let folder = adapterFolder else { return }
    let file = try SafeTensorsFile("\(folder)/\(AdapterFolder.tensors)")
    let own = file.metadata[AdapterFolder.base]
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
        .replacing(".modules_to_save.default.", with: ".")
      guard let slot = slots[name] else {
        throw Failure(
          .badData, at: file.path, "tensor \"\(tensor.name.shown())\": expected a slot of that name, found none",
          cure: "name in lora.targets the layers that the adapter has: adapter_config.json tells them")
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
    }
    if let name = missing.min() {
      throw Failure(
        .badData, at: file.path, "expected a tensor \(AdapterFolder.prefix)\(name), found none",
        cure: "name in lora.targets only layers that the adapter has")
    }
  }
}
