import Checkpoints
import Communication
import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Optimizers
import Training

extension TrainingRun {
  /// Rank zero reads the configuration, and every rank gets its text, and where its paths start from: the file need not be
  /// on every host.
  ///
  /// Each rank has overrides of its own, which must come to the same settings, but for those that are a host's business.
  package static func shareConfiguration(
    _ recipe: String, _ overrides: [String], _ world: any Communicator, among recipes: [String: String] = Recipes.all
  ) throws -> RunConfiguration {
    let source = try world.agree { world.rank == 0 ? try ConfigurationSource(recipe, among: recipes) : nil }
    let parts = try (0..<5).map { try world.allGather(source?.parts[$0] ?? "")[0] }
    let shared = ConfigurationSource(parts: parts)
    let configuration = try world.agree { try RunConfiguration(shared, overrides: overrides) }
    try configuration.requireSame(in: world, cure: "give every rank the same --set, or put the setting into the file")
    return configuration
  }

  /// The run directory where none is named.
  package static func directory(of configuration: RunConfiguration) -> String { "runs/\(configuration.name)" }

  /// The directory that a run of these settings writes to; throws what is wrong with the settings.
  public static func directory(recipe: String, overrides: [String], output: String?) throws -> String {
    let configuration = try RunConfiguration(ConfigurationSource(recipe), overrides: overrides)
    return output ?? directory(of: configuration)
  }

  /// The world, each of whose collectives is noted, and compared between the ranks where the configuration asks for it.
  static func observed(
    _ world: any Communicator, _ configuration: RunConfiguration, _ progress: RankProgress, _ fault: InjectedFault?
  ) -> any Communicator {
    guard configuration.checksCollectives else {
      return WatchedCommunicator(world, progress: progress, fault: fault)
    }
    let identity = configuration.identity.map(\.text).joined(separator: "\n")
    let run = Array(identity.utf8).reduce(UInt64(0)) { ($0 ^ UInt64($1)) &* 0x9e37_79b9_7f4a_7c15 }
    return WatchedCommunicator(MatchingCommunicator(world, run: run), progress: progress, fault: fault)
  }

  /// The checkpoint to go on from, on rank zero; nil elsewhere, and where the run begins.
  static func findCheckpoint(
    _ directory: String, _ start: Start, _ configuration: RunConfiguration, _ world: any Communicator,
    _ note: (String) -> Void
  ) throws -> Checkpoint? {
    try world.agree {
      guard world.rank == 0 else { return nil }
      let search = try Checkpoint.newest(in: directory)
      guard case .resume = start else {
        guard search.checkpoint == nil, search.passedOver.isEmpty else {
          throw Failure(
            .usage, at: directory, "holds checkpoints of an earlier run",
            cure: "go on with it by --resume, or name another directory with --output")
        }
        return nil
      }
      for passedOver in search.passedOver { note(passedOver.note) }
      guard let checkpoint = search.checkpoint else {
        guard search.passedOver.isEmpty else {
          throw Failure(
            .badData, at: directory, "no whole checkpoint is left to resume from",
            cure: "start anew in another directory")
        }
        note("no checkpoint in \(directory) to resume from: starting at the beginning")
        return nil
      }
      try requireSameRun(configuration, checkpoint)
      return checkpoint
    }
  }

  /// A resumed run must be the run that the checkpoint belongs to, in all that decides the numbers.
  private static func requireSameRun(_ configuration: RunConfiguration, _ checkpoint: Checkpoint) throws {
    let earlier = checkpoint.record.config
    let (now, then) = (
      configuration.identity,
      RunConfiguration.isOfProgram(earlier)
        ? RunConfiguration.identity(of: earlier)
        : try RunConfiguration(resolved: earlier, of: checkpoint.path).identity
    )
    for (key, text) in now {
      guard let old = then.first(where: { $0.key == key })?.text, old != text else { continue }
      let isLength = key == RunConfiguration.lengthKey
      // The schedule itself is compared as well.
      if isLength, !configuration.schedule.shape.dependsOnSteps { continue }
      let (expected, found) = firstDifference(old, text)
      throw Failure(
        .badConfiguration, at: checkpoint.path,
        "belongs to another run: expected \(key) as it was (\(expected)), found \(found)"
          + (isLength ? ": with this schedule, the number of epochs decides the learning rate of every step" : ""),
        cure: "restore the setting, or start anew with another --output")
    }
  }

  /// A run may go on for longer than was first asked for, but not for less than it has done.
  static func requireStepsLeft(
    after checkpoint: Checkpoint?, _ trainer: Trainer, _ configuration: RunConfiguration
  ) throws {
    guard let checkpoint, checkpoint.record.step > trainer.stepCount else { return }
    let stepsPerEpoch = trainer.samples.stepsPerEpoch
    throw Failure(
      .badConfiguration, at: checkpoint.path,
      "expected epochs of at least \((checkpoint.record.step + stepsPerEpoch - 1) / stepsPerEpoch), since "
        + "\(count(checkpoint.record.step, "step")) of \(grouped(stepsPerEpoch)) an epoch are done, found "
        + "\(configuration.epochs)", cure: "raise epochs, or start anew with another --output")
  }

  /// The first lines that differ.
  private static func firstDifference(_ a: String, _ b: String) -> (String, String) {
    let (a, b) = (a.split(separator: "\n"), b.split(separator: "\n"))
    let place = zip(a, b).prefix { $0 == $1 }.count
    func line(_ lines: [Substring]) -> String {
      place < lines.count ? String(lines[place].drop { $0 == " " }) : "nothing more"
    }
    return (line(a), line(b))
  }

  /// What the configuration asks for, or else what the run to be resumed was computed with.
  static func instructionSet(
    _ configuration: RunConfiguration, resumed: RunRecord?
  ) throws -> RunConfiguration.InstructionSetChoice? {
    guard let then = resumed?.instructionSetChoice else { return configuration.instructionSet }
    if let now = configuration.instructionSet, now != then {
      throw Failure(
        .badConfiguration, at: "instruction-set",
        "expected \(then.rawValue), with which the run was started, found \(now.rawValue)",
        cure: "remove the setting: another instruction set gives other bits")
    }
    return then
  }

  /// Reads the data, and checks that data, model and loss fit together.
  package static func prepare(_ configuration: RunConfiguration) throws -> (
    train: Dataset, test: Dataset?, plan: Plan
  ) {
    let train = try readTrain(configuration)
    let test = try readTest(configuration, like: train)
    return try fit(configuration, train, test)
  }

  /// The same on all ranks, and refuses data that are not the same on all of them before anything is said of what is in
  /// them: which of two files is at fault, and in which line, depends on both being the ones that are meant.
  static func prepare(_ configuration: RunConfiguration, _ world: any Communicator) throws -> (
    train: Dataset, test: Dataset?, plan: Plan
  ) {
    let train = try world.agree { try readTrain(configuration) }
    try requireSameData([train], [train.checksum], world)
    let test = try world.agree { try readTest(configuration, like: train) }
    try requireSameData([test], [test?.checksum ?? 0], world)
    return try world.agree {
      let fitted = try fit(configuration, train, test)
      let copies = copies(configuration, of: fitted.plan.layout, world)
      try requireMemory(for: fitted.plan, ranks: world.hostSize, copies: copies)
      return fitted
    }
  }

  package static func readTrain(_ configuration: RunConfiguration) throws -> Dataset {
    OutOfMemory.note("reading the training data")
    guard let train = try configuration.data.read(.train, seed: configuration.seed, like: nil) else {
      throw Failure(.badConfiguration, at: "data", "the source has no training data", cure: "name another one")
    }
    return configuration.transforms.readsWideColumns ? train : train.withoutWideColumns()
  }

  /// With the classes, features and targets of the training data.
  package static func readTest(_ configuration: RunConfiguration, like train: Dataset) throws -> Dataset? {
    OutOfMemory.note("reading the test data")
    return try configuration.data.read(.test, seed: configuration.seed, like: train.schema)
  }

  /// Checks that data, model and loss fit together, and fits the transforms, which data are then gathered through.
  package static func fit(
    _ configuration: RunConfiguration, _ train: Dataset, _ test: Dataset?
  ) throws -> (train: Dataset, test: Dataset?, plan: Plan) {
    OutOfMemory.note("making the model")
    let plan = try Network(input: train.shape, layers: configuration.layers).plan(
      microBatch: configuration.microBatch)
    if let conflict = plan.orderConflict { throw conflict }
    try checkLogits(of: plan.network, configuration.loss)
    let outputs = plan.outputShape
    for dataset in [train, test].compactMap({ $0 }) {
      guard dataset.shape == train.shape else {
        throw Failure(
          .badData, at: dataset.source,
          "expected samples of shape \(train.shape) as in training, found \(dataset.shape)",
          cure: "use test data of the same form")
      }
      try checkTokens(of: dataset, plan, configuration.transforms)
      try checkTargets(of: dataset, outputs: outputs, loss: configuration.loss)
      try checkMetrics(configuration.metrics, loss: configuration.loss, on: dataset)
    }
    if train.isText { try requireNone(configuration.transforms, "the data are tokens") }
    let transforms = try configuration.transforms.fitted(on: train)
    return (try train.transformed(by: transforms), try test?.transformed(by: transforms), plan)
  }

  /// Refuses data that are not the same on all ranks, as where a host has another version of a file: with another number
  /// of samples ranks would wait for each other for ever, with other numbers a run would mean nothing.
  ///
  /// Every rank passes as many, and their checksums; nil and 0 stand for data that there are none of. All ranks call it.
  static func requireSameData(_ datasets: [Dataset?], _ checksums: [UInt64], _ world: any Communicator) throws {
    let checksums = try world.allGather(checksums)
    try world.agree {
      let differs = datasets.indices.first { checksums[world.rank][$0] != checksums[0][$0] }
      guard let differs else { return }
      let data = datasets[differs].map { "\(grouped($0.count)) samples of \($0.shape)" } ?? "none"
      throw Failure(
        .badData, at: datasets[differs]?.source, "expected the same data as rank 0 has, found other (\(data))",
        cure: "give every host the same files")
    }
  }

  /// Refuses a model of which not even the least fits into the host's memory: the parameters, which its ranks share,
  /// a gradient and activations of each, and `copies` as large as the parameters besides.
  package static func requireMemory(
    for plan: Plan, ranks: Int, copies: Double = 0, available: UInt64 = ProcessInfo.processInfo.physicalMemory,
    limit: (name: String, bytes: UInt64)? = OutOfMemory.processLimit
  ) throws {
    // A process sees what its host's ranks share, and may have a limit of its own.
    let own = 4 * ((1 + copies) * Double(plan.layout.count) + Double(plan.layout.count + plan.arenaCount))
    if let limit, own > Double(limit.bytes) {
      throw Failure(
        .unavailable, at: "model",
        "expected at least \(fixed(own / 1e9, 3)) GB of memory for a rank, found a limit of "
          + "\(fixed(Double(limit.bytes) / 1e9, 3)) GB (\(limit.name))",
        cure: "lift the limit, or make a layer smaller")
    }
    let floats = (1 + copies) * Double(plan.layout.count) + Double(ranks) * Double(plan.layout.count + plan.arenaCount)
    let bytes = floats * Double(MemoryLayout<Float>.stride)
    guard bytes > Double(available) else { return }
    throw Failure(
      .unavailable, at: "model",
      "expected a host with at least \(fixed(bytes / 1e9, 1)) GB of memory for \(count(ranks, "rank")), "
        + "found \(fixed(Double(available) / 1e9, 1)) GB",
      cure: ranks > 1 ? "make a layer smaller, or start fewer ranks a host" : "make a layer smaller")
  }

  /// What this rank's host keeps besides, as many times the parameters: its ranks' share of the optimizer's state, and on
  /// rank zero the copy of all that checkpoints are written from.
  package static func copies(
    _ configuration: RunConfiguration, of layout: ParameterLayout, _ world: any Communicator
  ) -> Double {
    let slots = configuration.stateSlots(for: layout)
    let sharded = slots.count { $0.isSharded }
    let replicated = slots.reduce(0) { $0 + ($1.isSharded ? 0 : $1.count(for: layout)) }
    let replicas = Double(replicated) / Double(max(1, layout.count))
    return Double(sharded * world.hostSize) / Double(world.size) + replicas * Double(world.hostSize)
      + (world.rank == 0 ? Double(1 + sharded) + replicas : 0)
  }

  package static func options(_ configuration: RunConfiguration, samples: Int, cores: Int) -> Trainer.Options {
    let lanes = configuration.lanes ?? cores
    let schedule = SampleSchedule(
      samples: samples, batch: configuration.batch, microBatch: configuration.microBatch, seed: configuration.seed)
    return Trainer.Options(
      batch: configuration.batch, seed: configuration.seed, loss: configuration.loss,
      optimizer: configuration.optimizer, decay: configuration.decay,
      schedule: Schedule(
        rate: configuration.learningRate, warmup: configuration.schedule.warmup, shape: configuration.schedule.shape,
        steps: configuration.epochs * schedule.stepsPerEpoch),
      gradientTransforms: configuration.clipNorm.map { [ClipByGlobalNorm(limit: $0)] } ?? [],
      averageDecay: configuration.averageDecay, reduction: configuration.reduction,
      bucketSize: configuration.bucketSize, overlap: configuration.overlap,
      lanes: lanes, adaptsLanes: configuration.lanes == nil, sharesMemory: configuration.sharesMemory, cores: cores)
  }
}

extension RunConfiguration {
  /// Throws where a rank has other settings than rank zero, but for those that are a host's business; all ranks call it.
  func requireSame(in world: any Communicator, cure: String) throws {
    let settings = settings.filter { !RunConfiguration.ownPaths.contains($0.path) }
    try world.requireSame(settings.map { Asked($0.path, $0.text) }, cure: cure)
  }

  /// What a trainer keeps besides the parameters: the optimizer's state, and their average where it is asked for.
  func stateSlots(for layout: ParameterLayout) -> [StateSlot] {
    optimizer.state(for: layout) + (averageDecay == nil ? [] : [WeightAverage.slot])
  }
}
