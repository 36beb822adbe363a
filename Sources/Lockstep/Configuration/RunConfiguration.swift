import Augmentations
import Configuration
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

/// All settings of a run, checked one by one, with defaults filled in.
///
/// What they are together with the data (whether shapes fit, labels are in range) is checked by `TrainingRun`.
public struct RunConfiguration: Sendable {
  /// What `--output` and messages call it: the recipe's name, or the file's without its ending.
  package let name: String
  /// Whether the program carries it: then scripts/data gets the table that it names.
  let isRecipe: Bool
  package let data: any Source
  /// What is done to features before the network sees them.
  package let transforms: Pipeline
  /// How training samples are changed at random before that, in this order.
  package let augmentations: [PlacedAugmentation]
  /// As they are written; empty where a body makes them.
  package let layers: [any Layer]
  /// What makes the layers once the number of outputs is known; nil where they are written one by one.
  package let body: (any Body)?
  package internal(set) var loss: any Loss
  /// What evaluations measure besides the loss; empty: the usual scores of what the loss is for.
  package let metrics: [any Metric]
  /// What figures stand beside; nil: what training rows tell, their classes' frequencies or their mean.
  package let baseline: BaselineConfiguration?
  package let optimizer: any Optimizer
  package let learningRate: Double
  /// Which slots weight decay applies to.
  package let decay: DecayMask
  package let schedule: ScheduleConfiguration
  /// What is done to a gradient before the update, in this order; `clip-norm` comes last.
  package let gradientTransforms: [any GradientTransform]
  /// The decay of the average of the parameters that evaluation and prediction use; nil: they use the parameters.
  package let averageDecay: Double?
  package let epochs: Int
  /// Nil: all epochs are trained, and the last one is what the run comes to.
  package let earlyStopping: EarlyStopping?
  /// What is fitted to the probabilities at the end; nil: nothing, the class with the largest one is predicted.
  package let decide: DecisionSettings?
  /// The weights it starts from; nil: what its layers say.
  package let startFrom: StartSettings?
  /// Whom it learns from beside its targets; nil: nobody.
  package let teacher: TeacherSettings?
  /// What learns, when and how fast.
  package let fineTuning: FineTuning
  /// Which of its weights become zeros, and when; nil: none do.
  package let pruning: Pruning?
  package let batch: Int
  package let microBatch: Int
  package let seed: UInt64
  /// What products take their factors as.
  package let precision: NumberFormat
  package let reduction: ReductionMethod
  /// How gradients travel; nil: the first kind that serves.
  package let transport: (any Transport.Type)?
  /// Floats.
  package let bucketSize: Int
  /// Whether buckets are sent while the backward pass goes on.
  package let overlap: Overlap
  /// Whether ranks of one host may use memory that all of them see.
  package let sharesMemory: Bool
  /// Nil: as many as the rank's share of its host's cores.
  package let lanes: Int?
  /// How many lanes share a micro-batch; nil: whatever turns out to be quickest.
  package let lanesPerLeaf: Int?
  /// Nil: the highest that all hosts have.
  package let instructionSet: InstructionSetChoice?
  package let output: OutputConfiguration
  /// Who is told of the run besides the console and the metrics log.
  package let observers: [any ObserverSettings]
  /// What `predict` writes.
  package let predictions: PredictionSettings
  /// Seconds without any progress after which a job of several ranks is ended; 0: never.
  package let watchdog: Double
  /// Whether ranks compare what they are about to call before each collective.
  package let checksCollectives: Bool
  /// Steps between two comparisons of the ranks' parameters, besides those before each checkpoint; 0: none.
  package let compareEvery: Int
  /// Stops after so many steps of the run, as if asked to; nil: at its end.
  package let stopAfter: Int?
  /// The whole configuration as YAML, every default filled in.
  package let resolved: String
  /// The same, value by value.
  package let settings: [ConfigSetting]

  /// The instruction sets that can be asked for.
  package enum InstructionSetChoice: String, Sendable, CaseIterable {
    case plain, avx2, avx512
  }

  /// How often a run says and keeps what.
  package struct OutputConfiguration: Sendable {
    /// Steps between two lines of `metrics.jsonl`.
    package let logEvery: Int
    /// Epochs between two evaluations.
    package let evaluateEvery: Int
    /// Steps between two checkpoints, besides those at the end of each epoch; nil: none.
    package let checkpointEvery: Int?
    /// Whether there is a checkpoint of step 0, before anything is trained. It is kept for good.
    package let checkpointAtStart: Bool
    /// Checkpoints that are kept.
    package let keep: Int
  }

  /// What is written of a prediction: `output` in a configuration.
  public struct PredictionSettings: Sendable, Equatable {
    /// Whether the probability of each class stands beside the predicted one.
    package let probabilities: Bool
    /// Digits behind the point; nil: as many as tell a number from its neighbours.
    package let decimals: Int?

    /// Probabilities, with as many digits as tell a number from its neighbours, unless it is said otherwise.
    public init(probabilities: Bool = true, decimals: Int? = nil) {
      (self.probabilities, self.decimals) = (probabilities, decimals)
    }

    init(_ settings: ConfigReader) throws {
      probabilities = try settings.bool("probabilities", default: true)
      decimals = try settings.optionalInt("decimals", in: 0...9)
    }
  }

  /// The key of how long a run is: it touches the numbers of the steps done where the schedule says so.
  static let lengthKey = "epochs"

  /// Keys that do not touch the numbers: a resumed run may change them.
  static let operationalKeys: Set<String> = [
    "metrics", "baseline", "observers", "output", "lanes", "lanes-per-leaf", "bucket-size", "overlap", "transport",
    "shared-memory",
    "instruction-set", "log-every", "evaluate-every", "checkpoint-every", "checkpoint-at-start", "keep-checkpoints",
    "watchdog", "check-collectives", "compare-every", "stop-after",
    // It is fitted when the weights are, and has a link of its own in the receipt.
    "decide",
    // Files may have moved; that the data are the same is checked by their checksum.
    "data",
    // Read once, at the beginning: its digest is in the checkpoints and the receipt.
    "start-from",
  ]

  /// Keys that decide the numbers where a run has them, and are none of its settings where it has not: older runs, which knew nothing
  /// of them, are the same.
  ///
  /// Each with the value that says what those were.
  static let laterKeys = [
    "early-stopping": "null", "precision": NumberFormat.float32.rawValue, "augment": "[]", "freeze": "[]",
    "unfreeze": "{}", "groups": "[]", "layer-decay": "null", "lora": "null", "teacher": "null",
    "prune": "null",
  ]

  /// Paths of settings that each rank may have its own of: hosts differ in cores, and keep the same files in other places.
  static var ownPaths: Set<String> {
    Set(
      ["lanes", "lanes-per-leaf", "instruction-set"]
        + sourceKinds.all.flatMap { kind in kind.pathSettings.map { "data.\(kind.kind).\($0)" } })
  }

  /// Reads a recipe or a file; `overrides` are `key.path=value`.
  public init(recipeOrFile: String, overrides: [String] = []) throws {
    let source = try ConfigurationSource(recipeOrFile)
    try self.init(source, overrides: overrides)
  }

  /// The same of a table that is prepared with `memory`: see `init(_:overrides:memory:)`.
  package init(recipeOrFile: String, overrides: [String], memory: Int?) throws {
    try self.init(ConfigurationSource(recipeOrFile), overrides: overrides, memory: memory)
  }

  /// Reads YAML text; `name` is what messages call it. Relative paths in it start from the current directory.
  public init(yaml: String, name: String, overrides: [String] = []) throws {
    try self.init(ConfigurationSource(yaml: yaml, name: name, file: name), overrides: overrides)
  }

  /// Reads YAML text that `source` calls by a name and a file.
  package init(_ source: ConfigurationSource, overrides: [String] = []) throws {
    let reader = try ConfigReader(
      yaml: source.yaml, file: source.file, overrides: overrides, directory: source.directory, current: source.current)
    try self.init(reader, name: source.name, isRecipe: source.isRecipe)
  }

  /// Reads all keys there are.
  init(_ reader: ConfigReader, name: String, isRecipe: Bool = false) throws {
    (self.name, self.isRecipe) = (name, isRecipe)
    try reader.refuseLudwigsWords()
    let source = try reader.choice("data", sourceKinds.cases { try $0.init($1) })
    transforms = try reader.transforms(of: source)
    augmentations = try reader.augmentations()
    (layers, body) = try reader.model()
    loss = try reader.choice("loss", lossKinds.cases { try $0.init($1) }, default: CrossEntropyLoss.kind)
    metrics = try reader.choices("metrics", metricKinds.cases { try $0.init($1) }, whenMissing: .empty)
    try metrics.requireDistinct { reader.failure(at: "metrics", $0, cure: $1) }
    baseline = try reader.optionalChoice("baseline", BaselineConfiguration.kinds)
    data = try reader.keeping(source, for: metrics, baseline)
    let chosen = try reader.choice("optimizer", OptimizerConfiguration.kinds, default: "adam")
    (optimizer, learningRate, decay) = (chosen.optimizer, chosen.learningRate, chosen.decay)
    schedule = try reader.choice("schedule", ScheduleConfiguration.kinds, default: "constant")
    gradientTransforms = try reader.gradientTransforms()
    averageDecay = try reader.optionalChild("ema")?.double("decay", default: 0.999, in: Ranges.averageDecay)
    epochs = try reader.int("epochs", default: 10, in: Ranges.epochs)
    earlyStopping = try reader.optionalChild("early-stopping").map { try EarlyStopping($0) }
    decide = try reader.optionalChild("decide").map { try DecisionSettings($0) }
    startFrom = try reader.optionalChild("start-from").map { try StartSettings($0) }
    teacher = try reader.optionalChild("teacher").map { try TeacherSettings($0) }
    fineTuning = try FineTuning(reader)
    pruning = try reader.optionalChild("prune").map { try Pruning($0) }
    batch = try reader.int("batch", default: 128, in: Ranges.batch)
    microBatch = try reader.int("micro-batch", default: min(64, batch), in: Ranges.batch)
    seed = UInt64(try reader.int("seed", default: 1, in: 0...))
    precision = try reader.option("precision", default: .float32)
    reduction = try reader.option("reduction", default: .canonical)
    bucketSize = try reader.int("bucket-size", default: GradientReducer.defaultBucketSize, in: 1...(1 << 32))
    overlap = try reader.option("overlap", default: .auto)
    transport = try reader.optionalChoice("transport", transportKinds.cases { kind, _ in kind })
    sharesMemory = try reader.bool("shared-memory", default: true)
    lanes = try reader.optionalInt("lanes", in: Ranges.lanes)
    lanesPerLeaf = try reader.int("lanes-per-leaf", in: Ranges.lanes, or: "auto")
    instructionSet = try reader.optionalOption("instruction-set")
    output = OutputConfiguration(
      logEvery: try reader.int("log-every", default: 50, in: 1...),
      evaluateEvery: try reader.int("evaluate-every", default: 1, in: 1...),
      checkpointEvery: try reader.optionalInt("checkpoint-every", in: Ranges.checkpointEvery),
      checkpointAtStart: try reader.bool("checkpoint-at-start", default: false),
      keep: try reader.int("keep-checkpoints", default: 3, in: 1...))
    observers = try reader.choices("observers", observerKinds.cases { try $0.init($1) }, whenMissing: .empty)
    predictions = try PredictionSettings(reader.child("output"))
    watchdog = try reader.double("watchdog", default: Watchdog.usualSeconds, in: 0...1e6)
    checksCollectives = try reader.bool("check-collectives", default: false)
    compareEvery = try reader.int("compare-every", default: 100, in: 0...)
    stopAfter = try reader.optionalInt("stop-after", in: 1...)
    try reader.finish()
    guard batch % microBatch == 0 else {
      throw reader.failure(
        at: "batch", "expected a multiple of the micro-batch (\(microBatch)), found \(batch)",
        cure: "a batch of \(max(1, batch / microBatch) * microBatch) would do")
    }
    if !reader.isDescribing {
      try Self.require(pruning, epochs: epochs, fineTuning) { reader.failure(at: $0, $1, cure: $2) }
      try fineTuning.requireWithin(epochs: epochs) { reader.failure(at: $0, $1, cure: $2) }
    }
    resolved = reader.resolved
    settings = reader.settings
  }

  /// Reads the resolved configuration of a checkpoint. Paths in it are absolute; those of older versions may be relative
  /// to the current directory.
  ///
  /// How its gradients travelled and who was told of it is left out: kinds of a program that is not this one.
  package init(resolved: String, of checkpoint: String, overrides: [String] = []) throws {
    let kept = Self.blocks(of: resolved).filter { !["observers", "transport"].contains($0.key) }
    let yaml = kept.map { $0.text + "\n" }.joined()
    try self.init(
      ConfigurationSource(yaml: yaml, name: "checkpoint", file: "\(checkpoint)/run.json (config)"),
      overrides: overrides)
  }

  /// The paths of all settings that end with this key below another.
  package func paths(endingWith key: String) -> [String] {
    settings.map(\.path).filter { $0.hasSuffix(".\(key)") }
  }

  /// The settings that decide the numbers, by key: what a resumed run must share.
  var identity: [(key: String, text: String)] { Self.identity(of: resolved) }

  /// The same of a resolved configuration.
  static func identity(of resolved: String) -> [(key: String, text: String)] {
    let all = blocks(of: resolved)
    // A rate that falls by what is measured depends on when it is.
    let isMeasured = all.contains { $0.key == "schedule" && $0.text.contains("plateau") }
    return all.map { key, text in
      (key, text: placeKeys[key].map { withoutLines(text, of: $0) } ?? text)
    }.filter { key, text in
      (isMeasured && key == "evaluate-every" || !operationalKeys.contains(key))
        && text != laterKeys[key].map { "\(key): \($0)" }
    }
  }

  /// Keys below others that do not touch the numbers: where weights lie whose digests are compared, and what memory holds.
  static let placeKeys = ["teacher": ["beside", "checkpoint", "memory"], "lora": ["from"]]

  /// What is below a key without the lines of some keys there.
  private static func withoutLines(_ text: String, of keys: [String]) -> String {
    text.split(separator: "\n").filter { line in
      !keys.contains { line.hasPrefix("  \($0):") }
    }.joined(separator: "\n")
  }

  /// The keys at the top of a resolved configuration, each with its lines.
  private static func blocks(of resolved: String) -> [(key: String, text: String)] {
    var blocks: [(key: String, text: String)] = []
    for line in resolved.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
      if line.first == " " || line.first == "-", !blocks.isEmpty {
        blocks[blocks.count - 1].text += "\n" + line
      } else {
        blocks.append((String(line.prefix { $0 != ":" }), line))
      }
    }
    return blocks
  }
}
