import Checkpoints
import Communication
import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Optimizers
import Tensors
import Training

/// One training run on one rank: from the configuration to the table at its end.
///
/// ```swift
/// exit(withMPI { world in try TrainingRun(recipe: "fashion-mnist", output: "runs/a", world: world).train() })
/// ```
/// All ranks make one with the same arguments, and call the same methods. Rank zero alone reads the configuration,
/// writes files and prints.
public final class TrainingRun {
  /// Where a run starts.
  public enum Start: Sendable {
    /// An empty directory; one that holds checkpoints is refused.
    case new
    /// The newest whole checkpoint of the directory, or the beginning where there is none.
    case resume
  }

  public let configuration: RunConfiguration
  /// The run directory.
  public let output: String
  public let instructionSet: InstructionSet
  let world: any Communicator
  let observers: Observers
  /// Of all ranks, in order.
  let hosts: [String]
  /// Where this rank is, for the watchdog.
  let progress: RankProgress
  let trainingData: Dataset
  let trainingChecksum: UInt64
  /// Of what it is watched by, where that decides how it goes on; else nil.
  let watchedChecksum: UInt64?
  /// What it is watched by.
  let testData: Dataset?
  /// The test data, where that is something else.
  let heldData: Dataset?
  /// Whether that it is watched by are validation data.
  let isWatchedByValidation: Bool
  let plan: Plan
  let trainer: Trainer
  /// On rank zero: what it started from; nil where its layers said what.
  var startRecord: StartRecord?
  /// Who taught it; nil: nobody.
  let teacher: Teacher?
  let evaluator: Evaluator
  /// The scores that need all rows.
  let wholeScores: WholeScores
  /// What its samples are judged by.
  let judge: SampleJudge
  /// The average of the parameters, collected before each evaluation; nil where the run keeps none.
  let average: FlatBuffer?
  /// On rank zero, as the next three.
  let writer: CheckpointWriter?
  let snapshot: CheckpointSnapshot?
  let log: MetricsLog?
  /// Nil where no page is asked for.
  let page: ReportWriter?
  /// The step of the newest checkpoint, which may still be being written.
  var savedStep: Int?
  var lastMetrics: [String: Double] = [:]
  /// The best epoch so far, where the run may end early.
  var best: BestEpoch?
  /// How far a learning rate that falls on plateaus has come; nil before the first evaluation, and for other schedules.
  var plateauState: PlateauState?
  /// Whether the parameters are those of an earlier, better epoch, at the run's end.
  var isAtBest = false
  var summary = RunSummary()
  var isResumed = false

  /// Reads everything and makes all memory; nothing is computed yet.
  ///
  /// - Parameters:
  ///   - recipe: the name of a recipe, or a file.
  ///   - overrides: `key.path=value`.
  ///   - memory: MiB that the words of a table's columns may take while it is prepared; nil: as its `memory` says.
  ///   - output: the run directory; nil means `runs/NAME`.
  ///   - observers: are told what happens besides the console and the metrics log; each rank brings its own.
  ///   - watchdog: is told where the rank is, and ends the process when the ranks make no progress for as long as the
  ///     configuration says.
  /// - Throws: on all ranks alike: a bad configuration (78), missing input (66), bad data (65), a usage error (64) where the
  ///   directory holds another run, input or output (74) where it cannot be written, unavailable (69) where a host lacks
  ///   memory, or ranks cannot talk to each other.
  public convenience init(
    recipe: String, overrides: [String] = [], memory: Int? = nil, output: String? = nil, start: Start = .new,
    verbosity: Console.Verbosity = .normal, observers: [any RunObserver] = [], world: any Communicator,
    watchdog: Watchdog? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    try self.init(
      recipe: recipe, overrides: overrides, memory: memory, output: output, start: start, verbosity: verbosity,
      observers: observers,
      world: world, watchdog: watchdog, environment: environment, files: .real)
  }

  /// The same of settings that are a program's own: see `RunConfiguration`.
  ///
  /// - Throws: as the other one; a bad configuration (78) also where ranks have other settings.
  public convenience init(
    _ configuration: RunConfiguration, output: String? = nil, start: Start = .new,
    verbosity: Console.Verbosity = .normal, observers: [any RunObserver] = [], world: any Communicator,
    watchdog: Watchdog? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    try self.init(
      { world in
        try configuration.requireSame(in: world, cure: "give every rank the same settings")
        return configuration
      }, output: output, start: start, verbosity: verbosity, observers: observers, world: world, watchdog: watchdog,
      environment: environment, files: .real)
  }

  /// With checkpoints written through `files`.
  package convenience init(
    recipe: String, overrides: [String], memory: Int? = nil, output: String?, start: Start,
    verbosity: Console.Verbosity, observers: [any RunObserver] = [], world: any Communicator, watchdog: Watchdog?,
    environment: [String: String], files: FileSystem
  ) throws {
    try self.init(
      { try RunConfiguration.shared(recipe, overrides, memory: memory, in: $0) }, output: output, start: start,
      verbosity: verbosity, observers: observers, world: world, watchdog: watchdog, environment: environment,
      files: files)
  }

  private init(
    _ settle: (any Communicator) throws -> RunConfiguration, output: String?, start: Start,
    verbosity: Console.Verbosity, observers: [any RunObserver], world base: any Communicator, watchdog: Watchdog?,
    environment: [String: String], files: FileSystem
  ) throws {
    let isZero = base.rank == 0
    let progress = watchdog?.progress ?? RankProgress()
    self.progress = progress
    let console = Console(isZero ? verbosity : .silent, environment: environment)
    let told = Observers([console] + observers)
    self.observers = told
    let configuration = try settle(base)
    self.configuration = configuration
    let fault = try base.agree { try InjectedFault(environment: environment) }
    if let fault { told.note("injecting a fault, as \(InjectedFault.variable) asks: \(fault)") }
    let world = configuration.observed(base, progress, fault)
    self.world = world
    hosts = try world.allGather(world.host)
    try watchdog?.join(world, seconds: configuration.watchdog, cure: "go on with --resume when that is mended")
    let directory = output ?? configuration.directory
    self.output = directory

    let makeStore = { try CheckpointStore(directory: directory, keeping: configuration.output.keep, files: files) }
    // Before the search: nobody else may rename or delete what it finds, nor may this run as it tidies up. Where there is
    // no directory yet, a run that cannot begin leaves none behind.
    let opened = try world.agree {
      try isZero && FileManager.default.fileExists(atPath: directory) ? makeStore() : nil
    }
    for failure in opened?.untidied ?? [] {
      told.note("what an earlier process left could not be tidied up: \(failure)")
    }
    let begin = try StartingPoint(directory, start, configuration, in: world, told.note)
    let checkpoint = begin.checkpoint
    instructionSet = try BitCompatibility.establish(world, choice: configuration.instructionSet)

    let data = try PreparedData(configuration, in: world)
    (trainingData, testData, heldData, plan) = (data.train, data.test, data.held, data.plan)
    isWatchedByValidation = data.isWatchedByValidation
    trainingChecksum = trainingData.checksum
    watchedChecksum = configuration.watchers.isEmpty ? nil : testData?.checksum
    OutOfMemory.note("making memory for training")
    let cores = try HostCores.claimShare(world, environment: environment)
    var options = data.configuration.trainerOptions(samples: trainingData.count, cores: cores.count)
    options.augmenter = data.augmenter
    teacher = try configuration.teacher.map {
      try Teacher(
        $0, of: data.train, for: data.plan, loss: data.configuration.loss, augmenter: data.augmenter,
        test: data.measuredLast,
        epochs: configuration.epochs, lanes: options.lanes, in: world)
    }
    options.lesson = teacher?.lesson
    trainer = try Trainer(
      plan: plan, dataset: trainingData, options: options, world: world, progress: progress, fault: fault)
    try world.agree { [trainer, trainingData, trainingChecksum, testData, watchedChecksum] in
      // First, as the number of steps follows from the data.
      try begin.requireTrainingData(trainingData, checksum: trainingChecksum)
      try begin.requireWatchedData(testData, checksum: watchedChecksum)
      try begin.requireStepsLeft(trainer)
    }
    let isNew = try world.allGather([checkpoint == nil ? 1 : 0])[0][0] == 1
    if isNew { startRecord = try configuration.start(trainer, in: world) }
    // With the start values, also where a checkpoint is to be read: a run that cannot begin leaves nothing behind.
    try trainer.compareProbes()
    average = configuration.averageDecay.map { [plan] _ in FlatBuffer(count: plan.layout.count) }
    evaluator = Evaluator(
      plan: plan, parameters: average?.view ?? trainer.parameters, loss: data.configuration.loss,
      metrics: configuration.metrics, team: trainer.team, world: world, progress: progress)
    judge = SampleJudge(
      evaluator: evaluator, configuration: data.configuration, width: plan.outputShape.count, world: world)
    wholeScores = try world.agree { [configuration, evaluator, testData] in
      try Self.requireWatchable(configuration, on: testData)
      return try WholeScores(configuration, evaluator, on: testData)
    }

    let store = try world.agree {
      guard isZero else { return CheckpointStore?.none }
      let store = try opened ?? makeStore()
      // The data may have taken long to read.
      try store.requireSameDirectory()
      return store
    }
    // Where one of them refuses, nothing in the directory has changed.
    let named = try world.agree { [configuration] in
      try configuration.observers.compactMap { try $0.observer(rank: base.rank, directory: directory) }
    }
    (writer, snapshot, log) = try world.agree { [configuration, trainer, plan, startRecord] in
      guard let store else { return (nil, nil, nil) }
      try configuration.write(toRunDirectory: directory)
      try startRecord?.write(toRunDirectory: directory)
      let snapshot = CheckpointSnapshot(
        stateSlots: trainer.stateSlots, keepsAverage: configuration.averageDecay != nil, layout: plan.layout)
      let log = try MetricsLog(
        directory: directory, keepingThrough: checkpoint?.record.step ?? 0, interval: configuration.output.logEvery,
        stepCount: trainer.stepCount)
      return (CheckpointWriter(store), snapshot, log)
    }
    if let log { told.add(log) }
    page = named.lazy.compactMap { $0 as? ReportWriter }.first
    for observer in named where !(observer is ReportWriter) { told.add(observer) }
    try world.agree { [teacher] in try teacher?.requireSame(as: checkpoint) }
    if !isNew { try restore(checkpoint) }
    try announce(options, environment)
  }

  private func announce(_ options: Trainer.Options, _ environment: [String: String]) throws {
    let lanes = try world.allGather([options.lanes]).reduce(0) { $0 + $1[0] }
    let leaves = trainer.samples.step(0).leaves
    observers.tell(
      .start(
        RunStart(
          name: configuration.name, samples: trainingData.count, form: trainingData.form,
          parameters: plan.layout.parameterCount, ranks: world.size, hosts: hosts, lanes: options.lanes,
          instructionSet: instructionSet.rawValue, precision: configuration.precision, epochs: configuration.epochs,
          stepsPerEpoch: trainer.samples.stepsPerEpoch, batch: configuration.batch,
          microBatch: configuration.microBatch, stepCount: trainer.stepCount, firstStep: trainer.step,
          isResumed: isResumed, settings: configuration.settings)))
    let choice = configuration.instructionSet
    for line in try Diagnosis.notes(world, lanes: options.lanes, choice: choice, environment: environment) {
      observers.note(line)
    }
    if let perLeaf = options.lanesPerLeaf, lanes > leaves * perLeaf {
      observers.note(
        "\(lanes) lanes in all, but a batch has only \(leaves) micro-batch\(leaves == 1 ? "" : "es")"
          + "\(perLeaf == 1 ? "" : ", shared by \(perLeaf) lanes each"): \(lanes - leaves * perLeaf) idle; "
          + "make the batch larger or the micro-batch smaller, or leave lanes-per-leaf out")
    }
    for line in (startRecord?.lines ?? []) + (teacher?.lines ?? []) { observers.note(line) }
    if let note = page?.note { observers.note(note) }
    for line in DataNotes.all(trainingData, batch: configuration.batch) { observers.note(line) }
    for (key, _) in configuration.watchers where !isWatchedByValidation {
      observers.note(
        "\(key) looks at the test data: scores on them will be better than on new data; give the split a validation share"
      )
    }
    if let note = configuration.plateauNote { observers.note(note) }
    let (warmup, steps) = (configuration.schedule.warmup, trainer.stepCount)
    if warmup >= steps {
      observers.note(
        "the warm-up takes \(count(warmup, "step")) and the run \(steps): the learning rate never gets to where the "
          + "schedule begins; train longer, or lower the schedule's warmup")
    }
  }
}
