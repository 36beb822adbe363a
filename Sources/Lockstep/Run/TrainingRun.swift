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
  let console: Console
  /// Where this rank is, for the watchdog.
  private let progress = RankProgress()
  private let watchdog: Watchdog?
  let trainingData: Dataset
  private let trainingChecksum: UInt64
  let testData: Dataset?
  let standardisation: Standardisation?
  let plan: Plan
  let trainer: Trainer
  let evaluator: Evaluator
  /// The average of the parameters, collected before each evaluation; nil where the run keeps none.
  private let average: FlatBuffer?
  /// On rank zero.
  let store: CheckpointStore?
  let log: MetricsLog?
  /// The step of the newest checkpoint.
  private var savedStep: Int?
  private var lastMetrics: [String: Double] = [:]
  private(set) var summary: RunSummary

  /// Reads everything and makes all memory; nothing is computed yet.
  ///
  /// - Parameters:
  ///   - recipe: the name of a recipe, or a file.
  ///   - overrides: `key.path=value`.
  ///   - output: the run directory; nil means `runs/NAME`.
  ///   - isWatched: whether a watchdog ends the process when the ranks make no progress.
  public init(
    recipe: String, overrides: [String] = [], output: String? = nil, start: Start = .new,
    verbosity: Console.Verbosity = .normal, world base: any Communicator, isWatched: Bool = false,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    let isZero = base.rank == 0
    console = Console(isZero ? verbosity : .silent, environment: environment)
    let configuration = try Self.shareConfiguration(recipe, overrides, base)
    self.configuration = configuration
    let fault = try base.agree { try InjectedFault(environment: environment) }
    if let fault { console.note("injecting a fault, as \(InjectedFault.variable) asks: \(fault)") }
    let world = Self.observed(base, configuration, progress, fault)
    self.world = world
    watchdog =
      isWatched && world.size > 1 && configuration.watchdog > 0
      ? try Watchdog(progress, seconds: configuration.watchdog, world: world) : nil
    let directory = output ?? Self.directory(of: configuration)
    self.output = directory

    let checkpoint = try Self.findCheckpoint(directory, start, configuration, world, console)
    let choice = try world.agree { try Self.instructionSet(configuration, resumed: checkpoint?.record) }
    instructionSet = try BitCompatibility.establish(world, choice: choice)

    (trainingData, testData, standardisation, plan) = try world.agree {
      let prepared = try Self.prepare(configuration)
      try Self.requireMemory(for: prepared.plan, ranks: world.hostSize)
      return prepared
    }
    let checksums = [trainingData, testData].map { $0?.checksum ?? 0 }
    trainingChecksum = checksums[0]
    try Self.requireSameData([trainingData, testData], checksums, world)
    let cores = try HostCores.claimShare(world, environment: environment)
    let options = Self.options(configuration, samples: trainingData.count, cores: cores.count)
    trainer = try Trainer(
      plan: plan, dataset: trainingData, standardisation: standardisation, options: options, world: world,
      progress: progress, fault: fault)
    average = configuration.averageDecay.map { [plan] _ in FlatBuffer(count: plan.layout.count) }
    evaluator = Evaluator(
      plan: plan, parameters: average?.view ?? trainer.parameters, loss: configuration.loss, team: trainer.team,
      world: world)
    summary = RunSummary(ranks: world.size, lanes: options.lanes)

    (store, log) = try world.agree { [configuration] in
      guard isZero else { return (nil, nil) }
      let store = try CheckpointStore(directory: directory, keeping: configuration.output.keep)
      try configuration.write(toRunDirectory: directory)
      return (store, try MetricsLog(directory: directory, keepingThrough: checkpoint?.record.step ?? 0))
    }
    if try world.allGather([checkpoint == nil ? 0 : 1])[0][0] == 1 { try restore(checkpoint) }
    try announce(options, environment)
  }

  deinit { watchdog?.close() }

  // MARK: - Training

  /// Trains to the end, or until a stop is requested: returns the exit code, 0 or 75.
  public func train() throws -> Int32 {
    console.begin(from: trainer.step, to: trainer.stepCount)
    if let enough = configuration.stopAfter, trainer.step >= enough, trainer.step < trainer.stepCount {
      return try stop()
    }
    while trainer.step < trainer.stepCount {
      let isEnough = configuration.stopAfter.map { trainer.step + 1 >= $0 } ?? false
      let compareEvery = configuration.compareEvery
      let report = try trainer.runStep(
        wantsStop: isEnough || StopSignals.request != nil,
        compares: compareEvery > 0 && (trainer.step + 1) % compareEvery == 0)
      summary.add(report)
      try note(report)
      let isEndOfEpoch = trainer.step % trainer.samples.stepsPerEpoch == 0
      if isEndOfEpoch { try endEpoch(report) }
      if report.stop, trainer.step < trainer.stepCount { return try stop() }
      let isDue = configuration.output.checkpointEvery.map { trainer.step % $0 == 0 } ?? false
      if isEndOfEpoch || isDue { try checkpoint() }
    }
    try finish()
    return 0
  }

  private func stop() throws -> Int32 {
    let path = try checkpoint()
    console.stopped(step: trainer.step, of: trainer.stepCount, checkpoint: path)
    return ExitCode.stopped.rawValue
  }

  /// The identity of the parameters as they are now.
  public var digest: Digest { Digest(of: trainer.parameters, layout: plan.layout) }

  private func note(_ report: Trainer.Report) throws {
    console.progress(report)
    let isDue = trainer.step % configuration.output.logEvery == 0 || trainer.step == trainer.stepCount
    guard isDue else { return }
    var entry: [(String, MetricsLog.Value)] = [
      ("step", .int(trainer.step)), ("epoch", .int(report.step.epoch + 1)), ("loss", .number(report.loss)),
      ("learning-rate", .number(report.rate)),
      ("samples-per-second", .number(Double(report.step.count) / report.times.total)),
    ]
    if let norm = report.gradientNorm { entry.append(("gradient-norm", .number(norm))) }
    try world.agree { try log?.append(entry) }
  }

  private func endEpoch(_ report: Trainer.Report) throws {
    let epoch = report.step.epoch + 1
    let isLast = trainer.step == trainer.stepCount
    var evaluation: Evaluation?
    if isLast || epoch % configuration.output.evaluateEvery == 0 {
      evaluation = try evaluateTestData()
    }
    if let evaluation {
      let entry =
        [("step", MetricsLog.Value.int(trainer.step)), ("epoch", .int(epoch))]
        + evaluation.metrics.map { ("test-\($0.name.replacing(" ", with: "-"))", .number($0.value)) }
      try world.agree { try log?.append(entry) }
    }
    console.epoch(epoch, of: configuration.epochs, loss: summary.takeEpochLoss(), evaluation: evaluation)
  }

  /// Evaluates where there are test data; all ranks call it.
  private func evaluateTestData() throws -> Evaluation? {
    guard let testData else { return nil }
    var clock = Stopwatch()
    progress.enter(.evaluating, step: max(0, trainer.step - 1))
    if let average { try trainer.collectAverage(into: average.view) }
    let evaluation = try evaluator.evaluate(testData, standardisation: standardisation)
    summary.evaluationSeconds += clock.lap()
    summary.evaluation = evaluation
    lastMetrics = Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ("test \($0.name)", $0.value) })
    return evaluation
  }

  private func finish() throws {
    let path = try checkpoint()
    if summary.evaluation == nil { _ = try evaluateTestData() }  // Resumed after its end.
    summary.finish(try world.allGather(summary.ownTimes))
    console.end()
    console.table(summary, checkpoint: path)
    try world.agree { try showSample() }
    console.digest(digest)
    try world.agree { if let failure = console.failure { throw failure } }
  }

  /// A little of what a model of text writes now, for somebody who reads.
  private func showSample() throws {
    guard console.verbosity == .normal, let vocabulary = configuration.vocabulary(trainingData.classNames) else {
      return
    }
    let generator = try? TextGenerator(plan.network, parameters: trainer.parameters, vocabulary: vocabulary)
    guard let generator else { return }  // Not every model of text can write.
    console.sample(try generator.text(from: "", count: 160, .init(seed: configuration.seed)))
  }

  // MARK: - Checkpoints

  /// Writes a checkpoint of the present step, unless there is one; all ranks call it. Returns its path on rank zero.
  @discardableResult
  private func checkpoint() throws -> String {
    let path = CheckpointStore.path(ofStep: trainer.step, in: output)
    guard savedStep != trainer.step else { return path }
    var clock = Stopwatch()
    progress.enter(.checkpointing, step: max(0, trainer.step - 1))
    // A checkpoint is what all ranks agree on.
    if configuration.compareEvery > 0 { try trainer.compareParameters(inStep: trainer.step) }
    let state = try trainer.gatherState()
    try world.agree {
      if let first = Kernels.firstNonFinite(in: trainer.parameters) {
        throw Failure(
          .badData, at: "step \(trainer.step)",
          "parameter \(plan.layout.slot(at: first)?.name ?? "") is not finite; no checkpoint is written",
          cure: "lower the learning rate and resume from the one before")
      }
      guard let store else { return }
      let contents = Checkpoint.contents(
        parameters: trainer.parameters, state: state, stateNames: trainer.stateNames,
        average: configuration.averageDecay.map { _ in state[state.count - 1].view }, standardisation: standardisation,
        layout: plan.layout)
      let saved = try store.save(contents, record: record)
      for failure in saved.undeleted { console.note("an older checkpoint could not be deleted: \(failure)") }
      try log?.sync()
    }
    savedStep = trainer.step
    summary.checkpointSeconds += clock.lap()
    return path
  }

  private var record: RunRecord {
    RunRecord(
      step: trainer.step, epoch: trainer.step / trainer.samples.stepsPerEpoch, digest: digest,
      config: configuration.resolved,
      versions: RunRecord.versions(
        instructionSet: instructionSet, input: plan.network.input, trainingData: trainingChecksum),
      classes: trainingData.classNames, features: trainingData.featureNames, metrics: lastMetrics)
  }

  /// Takes parameters and optimizer state from rank zero's checkpoint.
  private func restore(_ checkpoint: Checkpoint?) throws {
    let state = trainer.stateNames.map { _ in FlatBuffer(count: plan.layout.count) }
    var numbers = [0]
    try world.agree {
      guard let checkpoint else { return }
      try checkpoint.readParameters(into: trainer.parameters, layout: plan.layout)
      try checkpoint.readState(trainer.stateNames, into: state, layout: plan.layout)
      if let kept = try checkpoint.readStandardisation(configuration.standardise, input: plan.network.input),
        kept != standardisation
      {
        throw Failure(
          .badData, at: trainingData.source,
          "expected the data of the run to be resumed, found other means or deviations",
          cure: "resume with the data that the run was started with")
      }
      // The means do not tell the order of the samples, nor their targets; and there may be none.
      guard checkpoint.record.admits(trainingData: trainingChecksum) else {
        throw Failure(
          .badData, at: trainingData.source,
          "expected the data of the run to be resumed, found other samples or targets, or another order",
          cure: "resume with the data that the run was started with")
      }
      numbers = [checkpoint.record.step]
      lastMetrics = checkpoint.record.metrics
    }
    let own = (trainer.sharesParameters ? [] : [trainer.parameters]) + state.map(\.view)
    for buffer in own { try world.broadcast(buffer.bytes, root: 0) }
    let step = try world.allGather(numbers)[0][0]
    trainer.loadState(state)
    trainer.resume(at: step)
    savedStep = step
    summary.resumedFrom = step
  }

  private func announce(_ options: Trainer.Options, _ environment: [String: String]) throws {
    let lanes = try world.allGather([options.lanes]).reduce(0) { $0 + $1[0] }
    let leaves = trainer.samples.step(0).leaves
    console.start(self, lanes: options.lanes)
    for line in try Doctor.notes(world, lanes: options.lanes, environment: environment) { console.note(line) }
    if lanes > leaves {
      console.note(
        "\(lanes) lanes in all, but a batch has only \(leaves) micro-batch\(leaves == 1 ? "" : "es"): "
          + "\(lanes - leaves) idle; "
          + "make the batch larger or the micro-batch smaller")
    }
    let (warmup, steps) = (configuration.schedule.warmup, trainer.stepCount)
    if warmup >= steps {
      console.note(
        "the warm-up takes \(count(warmup, "step")) and the run \(steps): the learning rate never gets to where the "
          + "schedule begins; train longer, or lower the schedule's warmup")
    }
  }
}
