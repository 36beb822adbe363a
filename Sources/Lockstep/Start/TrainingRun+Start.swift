import Checkpoints
import Communication
import Diagnostics
import Files
import Layers
import Tensors
import Training

/// What a run started from, as its checkpoints and its receipt tell.
struct StartRecord: Sendable {
  /// `resnet18.pth sha256:…`: the name of the file, without its folder, and the digest of all of it.
  let base: String
  /// What is told at the beginning; none on a resumed run.
  let lines: [String]
  /// The table of the run directory, `start-from.txt`; empty on a resumed run.
  let table: [String]

  /// `sha256:…`
  var digest: String { base.split(separator: " ").last.map(String.init) ?? base }

  func write(toRunDirectory directory: String) throws {
    guard !table.isEmpty else { return }
    try (table.joined(separator: "\n") + "\n").write(toRunFile: "\(directory)/start-from.txt")
  }
}

extension Receipt {
  /// The link of the weights that a run started from.
  static let startLink = "start"
}

extension RunConfiguration {
  /// Refuses to go on with a run that started otherwise: with weights of others, or without.
  func requireStart(of checkpoint: Checkpoint) throws {
    let (was, isNow) = (checkpoint.record.startFrom, startFrom != nil)
    guard (was != nil) != isNow else { return }
    throw Failure(
      .badConfiguration, at: checkpoint.path,
      "belongs to another run: expected start-from as it was (\(was?.shown() ?? "none")), found \(isNow ? "one" : "none")",
      cure: "restore the setting, or start anew with another --output")
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
      let record = try startFrom?.load(into: trainer.parameters, plan)
      try fineTuning.loadAdapter(into: trainer.parameters, plan, base: record?.base)
      return record
    }
    if !trainer.sharesParameters { try world.broadcast(trainer.parameters.bytes, root: 0) }
    return record
  }
}

extension StartSettings {
  /// Overwrites the slots of `parameters` that get a tensor.
  func load(into parameters: FloatView, _ plan: Plan) throws -> StartRecord {
    OutOfMemory.note("reading \(path)")
    let file = try WeightsFiles.open(path, as: origin)
    let match = try StartMatch(file, self, plan.layout, head: plan.ownSlots)
    try match.load(into: parameters)
    let base = try base(of: file)
    return StartRecord(base: base, lines: match.summary(of: base), table: match.table)
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
    let adapters = adapters.flatMap { $0.slots.suffix(2) }
    return Set((head + adapters).map { layout.slots[$0].name })
  }
}
