import Augmentations
import Configuration
import Datasets
import Diagnostics
import Layers
import Losses
import Metrics
import Optimizers
import Reduction
import Sources
import Tensors
import Training
import Transforms

extension RunConfiguration {
  /// The settings of a run whose network and data a program brings itself.
  ///
  /// ```swift
  /// let configuration = try RunConfiguration(name: "points", train: train, test: test, epochs: 5) {
  ///   Dense(units: 16)
  ///   ReLU()
  ///   Dense(units: 2)
  /// }
  /// ```
  /// All ranks make it with the same arguments. What is not among them has the default that a file would give it.
  ///
  /// - Parameters:
  ///   - augmentations: how training samples are changed at random before they are transformed, in this order.
  ///   - gradientTransforms: what is done to a gradient before the update, in this order.
  ///   - clipNorm: a `ClipByGlobalNorm` behind them; nil: none.
  ///   - baseline: what figures stand beside; nil means what training samples tell.
  ///   - learningRate: nil means the optimizer's usual one.
  ///   - validation: what training is watched by in place of the test data, and what a decision is fitted on.
  ///   - earlyStopping: when training ends before its last epoch; nil: never.
  ///   - decide: what is fitted to the probabilities of the validation data at the end; nil: nothing.
  ///   - teacher: whom it learns from beside its targets; nil: nobody.
  ///   - startFrom: the weights that it starts from; nil: what its layers say.
  ///   - fineTuning: what of it learns, when and how fast.
  ///   - pruning: which of its weights become zeros, and when; nil: none do.
  ///   - microBatch: nil means 64, or the batch where that is smaller.
  ///   - precision: what products take their factors as, and what is kept between layers that take it so.
  ///   - lanes: nil means as many as the rank's share of its host's cores.
  ///   - lanesPerLeaf: how many of them share a micro-batch; nil means what turns out to be quickest.
  ///   - transport: how gradients travel; nil means the first kind that serves.
  ///   - checkpointEvery: steps between two checkpoints, besides those at the end of each epoch; nil: none.
  ///
  /// Throws a bad configuration (78) where a number is out of range, and where the batch is no multiple of the micro-batch.
  public init(
    name: String, train: Dataset, test: Dataset? = nil, validation: Dataset? = nil,
    transforms: [any Transform] = [Standardise(per: .feature)], augmentations: [any Augmentation] = [],
    loss: any Loss = .crossEntropy, metrics: [any Metric] = [], baseline: BaselineConfiguration? = nil,
    optimizer: any Optimizer = .adam(),
    learningRate: Double? = nil, decay: DecayMask = .all, schedule: ScheduleConfiguration = ScheduleConfiguration(),
    gradientTransforms: [any GradientTransform] = [], clipNorm: Double? = nil, averageDecay: Double? = nil,
    epochs: Int = 10, earlyStopping: EarlyStopping? = nil, decide: DecisionSettings? = nil,
    startFrom: StartSettings? = nil, teacher: TeacherSettings? = nil, fineTuning: FineTuning = .none,
    pruning: Pruning? = nil, batch: Int = 128, microBatch: Int? = nil, seed: UInt64 = 1,
    precision: NumberFormat = .float32, lanes: Int? = nil, lanesPerLeaf: Int? = nil,
    transport: (any Transport.Type)? = nil, checkpointEvery: Int? = nil,
    predictions: PredictionSettings = PredictionSettings(), @LayerBuilder network: () -> [any Layer]
  ) throws {
    (self.name, isRecipe) = (name, false)
    data = ProgramSource(train: train, test: test, validation: validation)
    (self.decide, self.startFrom, self.teacher, self.fineTuning) = (decide, startFrom, teacher, fineTuning)
    self.pruning = pruning
    (self.transforms, self.loss, self.metrics, layers) = (Pipeline(transforms), loss, metrics, network())
    self.baseline = baseline
    self.augmentations = augmentations.map { PlacedAugmentation($0) }
    body = nil
    (self.optimizer, self.decay, self.schedule) = (optimizer, decay, schedule)
    self.learningRate = learningRate ?? type(of: optimizer).usualRate
    (self.averageDecay, self.epochs, self.earlyStopping) = (averageDecay, epochs, earlyStopping)
    try Self.require("clip-norm", clipNorm, in: Ranges.clipNorm)
    self.gradientTransforms = try gradientTransforms.clipped(to: clipNorm) {
      Failure(.badConfiguration, at: "gradient-transforms", $0, cure: $1)
    }
    (self.batch, self.microBatch, self.seed) = (batch, microBatch ?? min(64, batch), seed)
    self.precision = precision
    (reduction, bucketSize, overlap, sharesMemory) = (.canonical, GradientReducer.defaultBucketSize, .auto, true)
    (self.lanes, self.lanesPerLeaf, instructionSet, self.transport, observers) = (
      lanes, lanesPerLeaf, nil, transport, []
    )
    output = OutputConfiguration(
      logEvery: 50, evaluateEvery: 1, checkpointEvery: checkpointEvery, checkpointAtStart: false, keep: 3)
    self.predictions = predictions
    (watchdog, checksCollectives, compareEvery, stopAfter) = (Watchdog.usualSeconds, false, 100, nil)
    // What ranks must have alike; what decides the numbers, so that a run is only resumed as what it was. A kind of a
    // program's own is told by its description, which has to tell its settings where it is no struct of plain values.
    var settings: [(String, Any)] = [
      ("data", ProgramSource.kind), ("transforms", transforms), ("model", layers), ("loss", loss),
      ("optimizer", optimizer), ("learning-rate", self.learningRate), ("decay", decay), ("schedule", schedule),
      ("gradient-transforms", gradientTransforms), ("clip-norm", clipNorm as Any), ("ema", averageDecay as Any),
      ("epochs", epochs), ("batch", batch), ("micro-batch", self.microBatch), ("seed", seed),
      ("reduction", reduction.rawValue), ("transport", (transport?.kind) as Any), ("metrics", metrics),
      ("checkpoint-every", checkpointEvery as Any),
      ("output", predictions),
    ]
    if !augmentations.isEmpty { settings.append(("augment", augmentations)) }
    if let baseline { settings.append(("baseline", baseline)) }
    if let earlyStopping { settings.append(("early-stopping", earlyStopping)) }
    if precision != .float32 { settings.append(("precision", precision.rawValue)) }
    if let decide { settings.append(("decide", decide)) }
    if let teacher { settings.append(("teacher", teacher)) }
    if let startFrom { settings.append(("start-from", startFrom)) }
    if !fineTuning.isNone { settings.append(("fine-tuning", fineTuning)) }
    if let pruning { settings.append(("prune", pruning)) }
    self.settings = settings.map { ConfigSetting(path: $0, quoting: "\($1)") }
    resolved = settings.map { Self.programText($0, "\($1)") + "\n" }.joined()
    try Self.require("epochs", epochs, in: Ranges.epochs)
    try Self.require(pruning, epochs: epochs, fineTuning) { Failure(.badConfiguration, at: $0, $1, cure: $2) }
    try fineTuning.requireWithin(epochs: epochs) { Failure(.badConfiguration, at: $0, $1, cure: $2) }
    try Self.require("early-stopping.patience", earlyStopping?.patience, in: EarlyStopping.patiences)
    try Self.require(
      "early-stopping.least-improvement", earlyStopping?.leastImprovement, in: EarlyStopping.improvements)
    try Self.require("lanes", lanes, in: Ranges.lanes)
    try Self.require("lanes-per-leaf", lanesPerLeaf, in: Ranges.lanes)
    try Self.require("batch", batch, in: Ranges.batch)
    try Self.require("micro-batch", self.microBatch, in: Ranges.batch)
    try Self.require("learning-rate", self.learningRate, in: Ranges.learningRate)
    try Self.require("ema", averageDecay, in: Ranges.averageDecay)
    try Self.require("checkpoint-every", checkpointEvery, in: Ranges.checkpointEvery)
    guard batch % self.microBatch == 0 else {
      throw Failure(
        .badConfiguration, at: "batch", "expected a multiple of the micro-batch (\(self.microBatch)), found \(batch)",
        cure: "change one of them")
    }
  }

  private static func require<I: Interval>(_ key: String, _ value: I.Bound?, in interval: I) throws {
    guard let value else { return }
    let isFinite = (value as? Double)?.isFinite ?? true
    guard !isFinite || !interval.contains(value) else { return }
    throw Failure(
      .badConfiguration, at: key, "expected a number\(interval.phrase), found \(value)", cure: "correct the argument")
  }

  /// A setting of a program as its checkpoints have it.
  static func programText(_ key: String, _ value: String) -> String {
    let setting = ConfigSetting(path: key, quoting: value)
    return "\(setting.path): \(setting.text)"
  }

  /// Whether a checkpoint's settings are those of a program, which alone knows the network.
  static func isOfProgram(_ resolved: String) -> Bool { resolved.hasPrefix("data: \(ProgramSource.kind)\n") }
}

/// Data that a program brings itself.
struct ProgramSource: Source {
  static let kind = "program"

  let train: Dataset
  let test: Dataset?

  let validation: Dataset?

  init(train: Dataset, test: Dataset?, validation: Dataset?) {
    (self.train, self.test, self.validation) = (train, test, validation)
  }

  init(_ settings: ConfigReader) throws {
    throw Failure(.badConfiguration, at: "data", "the data of a program are in no file", cure: "name a source")
  }

  func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset? {
    guard part == .test, let test else { return part == .train ? train : nil }
    try schema.map { try test.requireNames(of: $0) }
    return test
  }

  func readValidation(seed: UInt64, like schema: Schema) throws -> Dataset? {
    try validation?.requireNames(of: schema)
    return validation
  }
}

extension Dataset {
  /// Throws where classes, features or targets have other names, or another order, than those of the training data.
  func requireNames(of schema: Schema) throws {
    for (what, own, expected) in [
      ("classes", classNames, schema.classes), ("features", featureNames, schema.features),
      ("targets", valueNames, schema.targets),
    ] {
      guard let own, let expected, own != expected else { continue }
      throw Failure(
        .badData, at: source,
        "expected the \(what) of the training data in their order (\(Inspection.list(expected))), found "
          + Inspection.list(own), cure: "read it with the training data's names: see Schema")
    }
  }
}
