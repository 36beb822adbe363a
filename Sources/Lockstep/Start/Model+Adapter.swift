import Checkpoints
import Diagnostics
import Files
import Foundation
import Layers
import Tensors

/// The files of an adapter, as PEFT (`peft` of Hugging Face) reads and writes them.
///
/// - `adapter_model.safetensors`: A and B of each layer, `base_model.model.2.0.lora_A.weight`, and what else has learned, under the
///   names of its slots behind `base_model.model.`. Its metadata tell in `base` what it was trained beside.
/// - `adapter_config.json`: rank, alpha, dropout, and a regular expression of the layers that have one.
enum AdapterFolder {
  static let tensors = RunRecord.adapterName
  static let settings = "adapter_config.json"
  /// What stands before the names of a model's own modules.
  static let prefix = "base_model.model."
  /// The key of the metadata.
  static let base = "base"
}

extension Model {
  /// Writes what the run has learned, and not what it started from, in PEFT's layout. Returns a line of what was written.
  ///
  /// The module that PEFT puts it beside is that of `exportPyTorch`, with the weights that the run started from. Throws a usage error
  /// (64) where something is at `path` already, or the run has no adapter.
  @discardableResult
  public func exportAdapter(to path: String) throws -> String {
    guard let adapter = configuration.fineTuning.adapter else {
      throw Failure(
        .usage, at: self.path, "expected a run with lora, found one without",
        cure: "export the whole model with --onnx or --pytorch")
    }
    guard !exists(path) else {
      throw Failure(
        .usage, at: path, "expected nothing there, found a file or a folder",
        cure: "name a folder that is not there yet")
    }
    let freezing = configuration.fineTuning.freezing
    let kept = plan.layout.slots.filter { !freezing.slots.match($0.name) || freezing.except.match($0.name) }
    let all = Dictionary(uniqueKeysWithValues: plan.layout.tensors(in: parameters.view).map { ($0.name, $0) })
    let tensors = kept.map { slot in
      let tensor = all[slot.name]!
      return NamedTensor(AdapterFolder.prefix + tensor.name, tensor.shape, tensor.view)
    }
    let saved = Set(
      kept.map(\.name).filter { !Adapter.slots.match($0) }.map {
        $0.split(separator: ".").dropLast().joined(separator: ".")
      })
    let places = plan.adapters.map { $0.path.replacing(".", with: "\\.") }
    let settings = PEFTSettings(
      rank: adapter.rank, alpha: adapter.alpha, dropout: adapter.dropout,
      targets: "(\(places.joined(separator: "|")))", saved: saved.isEmpty ? nil : saved.sorted(),
      base: record.startFrom
    )
    let partial = "\(path).partial-\(ProcessInfo.processInfo.processIdentifier)"
    do {
      try makeDirectories(partial, cure: "name a folder where it can be written")
      var metadata = ["format": "pt"]
      metadata[AdapterFolder.base] = record.startFrom
      try SafeTensors.write(tensors, metadata: metadata, to: "\(partial)/\(AdapterFolder.tensors)")
      try (try sortedJSON(settings) + "\n").write(toRunFile: "\(partial)/\(AdapterFolder.settings)")
      guard rename(partial, path) == 0 else { throw Failure.system("rename", path, errno: errno) }
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
    return
      "\(path): \(AdapterFolder.tensors), \(AdapterFolder.settings), \(count(tensors.count, "tensor")), by \(self.path)"
  }
}

/// What `adapter_config.json` says, under PEFT's names.
private struct PEFTSettings: Encodable {
  let rank: Int
  let alpha: Double
  let dropout: Double
  let targets: String
  let saved: [String]?
  let base: String?

  private enum Key: String, CodingKey {
    case kind = "peft_type"
    case rank = "r"
    case alpha = "lora_alpha"
    case dropout = "lora_dropout"
    case targets = "target_modules"
    case saved = "modules_to_save"
    case base = "base_model_name_or_path"
    case bias
    case isTurned = "fan_in_fan_out"
    case isForInference = "inference_mode"
    case task = "task_type"
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode("LORA", forKey: .kind)
    try values.encode(rank, forKey: .rank)
    try values.encode(alpha, forKey: .alpha)
    try values.encode(dropout, forKey: .dropout)
    try values.encode(targets, forKey: .targets)
    try values.encode(saved, forKey: .saved)
    try values.encode(base, forKey: .base)
    try values.encode("none", forKey: .bias)
    try values.encode(false, forKey: .isTurned)
    try values.encode(true, forKey: .isForInference)
    try values.encodeNil(forKey: .task)
  }
}
