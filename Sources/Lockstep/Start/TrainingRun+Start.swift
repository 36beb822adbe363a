import Checkpoints
import Communication
import Diagnostics
import Files
import Layers
import Tensors
import Training

/// What a run started from, as its checkpoints and its receipt tell.
struct StartRecord: Sendable {
  /// `resnet18.pth sha256:…`: the name of the file, without its folder, and the digest of all of it; nil: its layers said what.
  let base: String?
  /// The same of an adapter that it goes on from, `adapter_model.safetensors sha256:…`; nil: there is none.
  let adapter: String?
  /// What is told at the beginning; none on a resumed run.
  let lines: [String]
  /// The table of the run directory, `start-from.txt`; empty on a resumed run.
  let table: [String]

  /// Both, as a receipt names what the run was made of.
  var text: String { [adapter, base].compactMap { $0 }.joined(separator: " beside ") }

  /// `sha256:…`; of an adapter beside weights, that of the line.
  var digest: String {
    adapter != nil && base != nil
      ? Digest(of: text).description : text.split(separator: " ").last.map(String.init) ?? text
  }

  func write(toRunDirectory directory: String) throws {
    guard !table.isEmpty else { return }
    try (table.joined(separator: "\n") + "\n").write(toRunFile: "\(directory)/start-from.txt")
  }
}

extension StartRecord {
  /// What a checkpoint says; nil where the layers said what the run started from.
  init?(of record: RunRecord) {
    guard record.startFrom != nil || record.adapter != nil else { return nil }
    self.init(base: record.startFrom, adapter: record.adapter, lines: [], table: [])
  }
}

extension Receipt {
  /// The link of the weights that a run started from.
  static let startLink = "start"
}

extension RunConfiguration {
  /// Refuses to go on with a run that started otherwise: with weights of others, or without.
  func requireStart(of checkpoint: Checkpoint) throws {
    let was = StartRecord(of: checkpoint.record)?.text
    let isNow = startFrom != nil || fineTuning.adapterFolder != nil
    guard (was != nil) != isNow else {
      try fineTuning.requireSameAdapter(as: checkpoint)
      return try requireSameStart(as: checkpoint)
    }
    throw Failure(
      .badConfiguration, at: checkpoint.path,
      "belongs to another run: expected start-from as it was (\(was?.shown() ?? "none")), found \(isNow ? "one" : "none")",
      cure: "restore the setting, or start anew with another --output")
  }
}

extension RunConfiguration {
  /// Where the file lies may have changed since, and it is not read again; what it is called and what is taken of it may not.
  private func requireSameStart(as checkpoint: Checkpoint) throws {
    let earlier = checkpoint.record.config
    guard let startFrom, !Self.isOfProgram(earlier),
      let was = try Self(resolved: earlier, of: checkpoint.path).startFrom, was.terms != startFrom.terms
    else { return }
    throw Failure(
      .badConfiguration, at: checkpoint.path,
      "belongs to another run: expected start-from as it was (\(was.terms)), found \(startFrom.terms)",
      cure: "restore the setting, or start anew with another --output")
  }
}

extension StartSettings {
  /// What decides what a run starts from, but for the folder that the file is in.
  fileprivate var terms: String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let renamed = names.map { "\($0.pattern): \($0.replacement ?? "null")" }.joined(separator: ", ")
    let skipped = skip.map(\.description).joined(separator: ", ")
    return "\(origin.rawValue) \(name)\(renamed.isEmpty ? "" : ", names {\(renamed)}")"
      + "\(skipped.isEmpty ? "" : ", skip [\(skipped)]"), missing \(missing.rawValue)"
  }
}

extension RunConfiguration {
  /// Reads on rank zero, which alone needs the files, what the run starts from, and gives it to all; all ranks call it. Returns on
  /// rank zero what that is; nil where the layers say it.
  ///
  /// Overwrites of `trainer.parameters` the slots that get a tensor.
  func start(_ trainer: Trainer, in world: any Communicator) throws -> StartRecord? {
    guard startFrom != nil || fineTuning.adapterFolder != nil else { return nil }
    let plan = trainer.plan
    let record: StartRecord? = try world.agree {
      guard world.rank == 0 else { return nil }
      let start = try startFrom?.load(into: trainer.parameters, plan)
      let adapter = try fineTuning.loadAdapter(into: trainer.parameters, plan, base: start?.base)
      let own = adapter?.slots ?? []
      let told = adapter.map { ["lora.from \($0.base): \(count(own.count, "slot")) start from it"] } ?? []
      guard let start else {
        return adapter.map { StartRecord(base: nil, adapter: $0.base, lines: told, table: []) }
      }
      return StartRecord(
        base: start.base, adapter: adapter?.base,
        lines: start.match.summary(of: start.base, adapter: own) + told, table: start.match.table(adapter: own))
    }
    if !trainer.sharesParameters { try world.broadcast(trainer.parameters.bytes, root: 0) }
    return record
  }
}

extension StartSettings {
  /// Overwrites the slots of `parameters` that get a tensor.
  func load(into parameters: FloatView, _ plan: Plan) throws -> (base: String, match: StartMatch) {
    OutOfMemory.note("reading \(path)")
    let file = try WeightsFiles.open(path, as: origin)
    let match = try StartMatch(file, self, plan.layout, head: plan.ownSlots)
    try match.load(into: parameters)
    return (try base(of: file), match)
  }

  private func base(of file: any WeightsFile) throws -> String {
    let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
    guard origin == .checkpoint else { return "\(name.shown()) \(try RegularFile(path).digest().description)" }
    return "checkpoint \(try RegularFile(file.path).digest().description)"
  }
}

extension Plan {
  /// The names of slots that a file may be without: those of the last layer that has some, and of adapters.
  var ownSlots: Set<String> {
    let head = steps.last { !$0.slots.isEmpty }?.slots ?? []
    let adapters = adapters.flatMap { [$0.A, $0.B] }
    return Set((head + adapters).map { layout.slots[$0].name })
  }
}
