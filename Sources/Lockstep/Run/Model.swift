import Checkpoints
import Communication
import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Losses
import Reduction
import Sources
import Tensors
import Training

/// A trained network as a checkpoint holds it: ready to evaluate and to predict.
public final class Model {
  /// The checkpoint that was loaded.
  public let path: String
  /// Of the run that trained it.
  public let configuration: RunConfiguration
  public let plan: Plan
  /// The trained parameters, or their average where the run kept one (`ema`).
  public let parameters: FlatBuffer
  /// What is done to features before the network sees them, as it was fitted on the training data.
  public let transforms: [any FittedTransform]
  /// What the checkpoint says of itself: its step, its digest, its scores.
  public let record: RunRecord
  /// How probabilities become decisions, where that was chosen: see `decide`. The same on all ranks.
  public internal(set) var decision: Decision?
  /// How layers compute with whole numbers of 8 bits, where that was asked for. The same on all ranks.
  public let quantisation: Quantisation?
  /// What the columns of a table were fitted to; nil where the data were none.
  let preparation: String?
  private let ends: NetworkEnds
  /// The same as `plan`, but that it gives many outputs some rows at a time.
  let measuring: Plan
  /// Of `measuring`: the parameters, but with whole numbers and adapters those that these are merged into.
  let measured: FlatBuffer
  private let team: LaneTeam
  let world: any Communicator
  private let progress: RankProgress?

  /// Loads the checkpoint at `path`, or the newest whole one of a run directory; `note` is told what was passed over.
  ///
  /// The processor must have the instruction set that the run was trained with, so that outputs have the same bits.
  /// `configuration` is that of a program that brought network and data itself; nil means the checkpoint's own.
  /// The ranks of `world` share the work of `evaluate` and `writePredictions`; all of them make one. `watchdog` looks on, with the patience that
  /// the run was trained with.
  public convenience init(
    _ path: String, as own: RunConfiguration? = nil, world: any Communicator = LocalWorld.single(),
    watchdog: Watchdog? = nil,
    note: (String) -> Void = { _ in }
  ) throws {
    try self.init(path, as: own, world: world, watchdog: watchdog, decision: .used, note: note)
  }

  /// What becomes of a decision that was chosen before.
  package enum KeptDecision: Sendable {
    /// It is read, and checked against the receipt.
    case used
    /// It is not looked at: another one is to take its place, whatever is in its file.
    case passedOver
  }

  /// What its layers compute with.
  public enum Arithmetic: Sendable {
    /// Floats, or bfloat16 numbers, as in training.
    case asTrained
    /// Whole numbers of 8 bits, as `quantise` has chosen beforehand.
    case integers
  }

  /// The same, with or without the decision that was chosen before.
  package init(
    _ path: String, as own: RunConfiguration? = nil, world base: any Communicator = LocalWorld.single(),
    watchdog: Watchdog? = nil, decision kept: KeptDecision, arithmetic: Arithmetic = .asTrained,
    note: (String) -> Void = { _ in }
  ) throws {
    progress = watchdog?.progress
    let world = watchdog?.watched(base) ?? base
    self.world = world
    try watchdog?.join(world, seconds: Watchdog.usualSeconds)
    OutOfMemory.note("loading \(path)")
    // Rank zero chooses for all: a run that is still being trained may have another newest one a moment later.
    let chosen = try world.agree { world.rank == 0 ? try Checkpoint.load(path) : nil }
    for passedOver in chosen?.passedOver ?? [] { note(passedOver.note) }
    let place = try world.allGather(chosen?.checkpoint.path ?? "")[0]
    let checkpoint = try world.agree { try chosen?.checkpoint ?? Checkpoint.load(place).checkpoint }
    try Self.requireSame(checkpoint, in: world)
    self.path = checkpoint.path
    record = checkpoint.record
    let asked = try own ?? RunConfiguration(of: record, at: checkpoint.path)
    watchdog?.wait(seconds: asked.watchdog)
    // Before the plan, which chooses its primitives by the instruction set.
    _ = try BitCompatibility.establish(world, choice: asked.instructionSet)
    let input = try record.inputShape(of: checkpoint.path)
    preparation = try checkpoint.readPreparation()
    ends = try preparation.map { try asked.data.ends(of: $0) } ?? NetworkEnds()
    configuration = try asked.bound(to: ends)
    let form = Schema(classes: record.classes, targets: record.targets, ends: ends)
    plan = try configuration.network(input: input, form).plan(
      microBatch: configuration.microBatch, precision: configuration.precision)
    let rounding = try world.agree {
      arithmetic == .integers && world.rank == 0 ? try Quantisation(of: checkpoint) : nil
    }
    let shared = try Quantisation.shared(rounding, in: world)
    quantisation = shared
    parameters = FlatBuffer(count: plan.layout.count)
    try checkpoint.readParameters(into: parameters.view, layout: plan.layout)
    if configuration.averageDecay != nil {
      try checkpoint.readAverage(into: parameters.view, layout: plan.layout)
    }
    if let shared {
      // What adapters add is rounded with the weights.
      let (merged, weights) = try plan.withoutAdapters(parameters)
      measuring = try shared.plan(of: merged.network, microBatch: configuration.microBatch)
      measured = weights
    } else {
      measuring = try plan.network.plan(
        microBatch: configuration.microBatch, precision: configuration.precision,
        outputsAtATime: configuration.outputsAtATime)
      measured = parameters
    }
    transforms = try checkpoint.readTransforms(configuration.transforms, shape: input)
    // Rank zero's: a file of another host may be another one.
    let found = try world.agree {
      kept == .used && world.rank == 0 ? try Decision(besideWeightsOf: checkpoint) : nil
    }
    decision = try Decision.shared(found, in: world)
    team = LaneTeam(count: try HostCores.claimShare(world, environment: ProcessInfo.processInfo.environment).count)
    if kept == .used, world.rank == 0, let text = receiptNote() { note(text) }
  }

  deinit { team.close() }

  /// The same path may be another file on another host.
  private static func requireSame(_ checkpoint: Checkpoint, in world: any Communicator) throws {
    let digests = try world.allGather(checkpoint.record.digest)
    try world.agree {
      guard digests[world.rank] != digests[0] else { return }
      throw Failure(
        .badData, at: checkpoint.path,
        "expected the checkpoint of rank 0 (\(digests[0])), found \(digests[world.rank])",
        cure: "put it on a file system that all hosts share, or copy it to each of them")
    }
  }

  /// What the training data decided of the form of all data.
  var schema: Schema {
    Schema(
      classes: record.classes, features: record.features, targets: record.targets,
      wide: transforms.first?.wideColumns ?? [], preparation: preparation, ends: ends)
  }

  /// The test data that the configuration names; throws where there are none.
  public func testData() throws -> Dataset {
    OutOfMemory.note("reading the test data")
    if let test = try configuration.data.read(.test, seed: configuration.seed, like: schema) { return test }
    throw Failure(
      .badConfiguration, at: path, "the run had no test data", cure: "name some with --data")
  }

  /// The data that the run measured itself on, by name: what training was watched by, and the test data.
  package func measuredData() throws -> [(name: String, data: Dataset)] {
    let (data, seed) = (configuration.data, configuration.seed)
    return [
      ("validation", try data.readValidation(seed: seed, like: schema)),
      ("test", try data.read(.test, seed: seed, like: schema)),
    ].compactMap { name, data in data.map { (name, $0) } }
  }

  /// Loss and scores on `dataset`, the same on every rank; all ranks call it.
  public func evaluate(_ dataset: Dataset) throws -> Evaluation {
    try checkMeasurable(dataset)
    OutOfMemory.note("evaluating")
    return try evaluator(world).evaluate(try dataset.transformed(by: transforms))
  }

  /// Throws on all ranks where the model cannot be measured on `dataset`, or where ranks have read others; all ranks call it.
  func checkMeasurable(_ dataset: Dataset) throws {
    try PreparedData.requireSame([dataset], [dataset.checksum], world)
    try world.agree {
      try check(dataset)
      try checkTargets(of: dataset, outputs: outputShape, loss: configuration.loss)
      try checkMetrics(configuration.metrics, loss: configuration.loss, on: dataset)
    }
  }

  /// The outputs of every sample: N × outputs, probabilities where the loss is a cross-entropy, calibrated where that was
  /// chosen.
  public func predict(_ dataset: Dataset) throws -> FlatBuffer {
    try predict(dataset, by: evaluator(LocalWorld.single()))
  }

  /// The same, as often as there are batches, by one evaluator.
  func predict(_ dataset: Dataset, by evaluator: Evaluator) throws -> FlatBuffer {
    try check(dataset)
    OutOfMemory.note("predicting")
    let outputs = evaluator.outputs(try dataset.transformed(by: transforms))
    configuration.loss.activate(outputs.view, columns: outputShape.count)
    decision?.calibration?.apply(to: outputs.view, columns: outputShape.count)
    return outputs
  }

  /// The shape of one sample's output.
  public var outputShape: Shape { plan.outputShape }

  /// By the plan that this model computes with, or another one of its network.
  func evaluator(
    _ world: any Communicator, of plan: Plan? = nil, on own: FloatView? = nil,
    integers: RoundedWeights? = nil
  ) -> Evaluator {
    progress?.enter(.evaluating, step: max(0, record.step - 1))
    return Evaluator(
      plan: plan ?? measuring, parameters: own ?? (plan == nil ? measured : parameters).view,
      integers: integers, loss: configuration.loss,
      metrics: configuration.metrics, team: team, world: world, progress: progress)
  }

  private func check(_ dataset: Dataset) throws {
    guard dataset.shape == plan.network.input else {
      throw Failure(
        .badData, at: dataset.source, "expected samples of shape \(plan.network.input), found \(dataset.shape)",
        cure: "use data of the form that the model was trained on")
    }
    for transform in transforms { try transform.check(fits: dataset) }
    try dataset.requireNames(of: schema)
    try checkTokens(of: dataset, plan, configuration.transforms)
  }
}

extension RunConfiguration {
  /// That of a checkpoint, unless a program alone knows the network.
  fileprivate init(of record: RunRecord, at path: String) throws {
    guard !Self.isOfProgram(record.config) else {
      throw Failure(
        .usage, at: path, "was trained by a program that brought its own network, which no file describes",
        cure: "load it in that program, as the configuration that it was trained with")
    }
    try self.init(resolved: record.config, of: path)
  }
}

/// Throws where a loss cannot compare `outputs` with the targets of `dataset`.
func checkTargets(of dataset: Dataset, outputs: Shape, loss: any Loss) throws {
  func mismatch(_ fault: String, _ cure: String) -> Failure {
    Failure(.badConfiguration, at: dataset.source, fault, cure: cure)
  }
  if dataset.isText {
    guard loss.takesClasses else { throw mismatch("\(loss.kind) cannot compare tokens", "use cross-entropy") }
    guard Array(outputs.extents.dropLast()) == dataset.shape.extents else {
      throw mismatch(
        "the model gives \(outputs) a sample, where a row for each of the \(dataset.shape) tokens is expected",
        "end the model with a dense layer on the rows, not behind a flatten")
    }
  } else if outputs.rank != 1, dataset.targetShape.map({ $0.rank == 1 }) ?? true {
    throw mismatch("the model gives \(outputs) a sample, where a row is expected", "end the model with a dense layer")
  }
  if loss.takesClasses {
    guard let names = dataset.classNames else {
      throw mismatch("\(loss.kind) needs classes, and the targets are numbers", "use mean-squared-error")
    }
    guard names.count > 1 else {
      throw Failure(
        .badData, at: dataset.source, "expected several classes, found \(names[0]) alone",
        cure: "check which column is the target")
    }
    let (count, what) = (outputs.extents.last!, dataset.isText ? "tokens in the vocabulary" : "classes")
    guard names.count == count else {
      if let (label, sample) = dataset.firstNumberedClass(from: count) {
        throw Failure(
          .badData, at: dataset.source,
          "expected labels in 0..<\(count), as the model has outputs, found \(label) for sample \(sample)",
          cure: "correct the label, or give the last dense layer \(names.count) units")
      }
      throw mismatch(
        "\(names.count) \(what), but the model has \(count) outputs",
        dataset.cureForValues ?? "give the last dense layer \(names.count) units")
    }
    if let weights = loss.classWeights, weights.count != names.count {
      throw mismatch(
        "expected a class weight for each of \(names.count) classes, found \(weights.count)",
        "list them in the order of the classes")
    }
    return
  }
  guard let width = dataset.valueWidth else {
    throw mismatch(
      "\(loss.kind) needs numbers or two classes, found \(dataset.classNames?.count ?? 0) classes",
      dataset.cureForValues ?? "use cross-entropy")
  }
  let wanted = width * loss.outputsPerTarget
  if let shape = dataset.targetShape, shape.rank > 1 {
    guard outputs == shape && loss.outputsPerTarget == 1 || outputs == [wanted] else {
      throw mismatch(
        "targets of \(shape) a sample, but the model gives \(outputs)",
        "end the model with a layer that gives \(shape), or a row of \(width)")
    }
    // The same order of elements: a row is a picture's rows, one after the other.
  }
  if let last = loss.parts.last {
    guard width == loss.parts.count, outputs.count == last.range.upperBound else {
      let parts = loss.parts.map { "\($0.name): \($0.range.count)" }.joined(separator: ", ")
      throw mismatch(
        "\(last.range.upperBound) outputs for \(parts), but the model has \(outputs.count)",
        "give the last dense layer \(last.range.upperBound) units")
    }
    return
  }
  guard wanted == outputs.count else {
    let names = dataset.valueNames.map { width > 1 ? " (\(Inspection.list($0)))" : "" } ?? ""
    let each = loss.outputsPerTarget > 1 ? ", with \(loss.outputsPerTarget) outputs each for \(loss.kind)" : ""
    throw mismatch(
      "\(width) target\(width == 1 ? "" : "s") a sample\(names)\(each), but the model has \(outputs.count) outputs",
      "give the last dense layer \(wanted) units")
  }
  if let range = loss.targetRange,
    let place = dataset.targets.withValues({ $0.firstIndex { !range.contains($0) } }) ?? nil,
    let value = dataset.targets.withValues({ $0[place] })
  {
    throw Failure(
      .badData, at: dataset.source,
      "expected targets in \(shortText(range)) for \(loss.kind), found \(value) for sample \(place / width)"
        + (dataset.valueNames.map { width > 1 ? ", column '\($0[place % width])'" : "" } ?? ""),
      cure: dataset.featureNames == nil
        ? "code the targets as 0 and 1, or set a divisor (255 for bytes)"
        : "code the classes as 0 and 1, or use mean-squared-error")
  }
}

/// `0...1`
private func shortText(_ range: ClosedRange<Float>) -> String {
  func text(_ bound: Float) -> String { bound == bound.rounded() && abs(bound) < 1e6 ? "\(Int(bound))" : "\(bound)" }
  return "\(text(range.lowerBound))...\(text(range.upperBound))"
}

extension Dataset {
  /// What to do where the classes of a table look like numbers to be predicted; nil where they do not.
  fileprivate var cureForValues: String? {
    guard let targetName = targetNames?.first, let names = classNames, namesLookLikeValues(names) else { return nil }
    return "column '\(targetName)' looks like numbers to be predicted: set kind: values in data.csv, "
      + "and loss: mean-squared-error"
  }

  /// Where classes are numbers that nobody named: the first label that is `count` or more, and its sample.
  fileprivate func firstNumberedClass(from count: Int) -> (label: Int32, sample: Int)? {
    guard !isText, let names = classNames, names == (0..<names.count).map(String.init) else { return nil }
    return targets.withClasses { labels in labels.firstIndex { $0 >= count }.map { (labels[$0], $0) } } ?? nil
  }
}
