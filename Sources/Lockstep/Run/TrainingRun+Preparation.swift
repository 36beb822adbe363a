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
  /// Rank zero reads the configuration, and every rank gets its text: the file need not be on every host.
  static func shareConfiguration(
    _ recipe: String, _ overrides: [String], _ world: any Communicator
  ) throws -> RunConfiguration {
    let source = try world.agree { world.rank == 0 ? try ConfigurationSource(recipe) : nil }
    let parts = try [source?.yaml, source?.name, source?.file].map { try world.allGather($0 ?? "")[0] }
    let shared = ConfigurationSource(yaml: parts[0], name: parts[1], file: parts[2])
    return try world.agree { try RunConfiguration(shared, overrides: overrides) }
  }

  /// The checkpoint to go on from, on rank zero; nil elsewhere, and where the run begins.
  static func findCheckpoint(
    _ directory: String, _ start: Start, _ configuration: RunConfiguration, _ world: any Communicator,
    _ console: Console
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
      for (path, reason) in search.passedOver {
        console.note("passed over a damaged checkpoint, \(path): \(reason)")
      }
      guard let checkpoint = search.checkpoint else {
        guard search.passedOver.isEmpty else {
          throw Failure(
            .badData, at: directory, "no whole checkpoint is left to resume from",
            cure: "start anew in another directory")
        }
        console.note("no checkpoint in \(directory) to resume from: starting at the beginning")
        return nil
      }
      try requireSameRun(configuration, checkpoint)
      return checkpoint
    }
  }

  /// A resumed run must be the run that the checkpoint belongs to, in all that decides the numbers.
  private static func requireSameRun(_ configuration: RunConfiguration, _ checkpoint: Checkpoint) throws {
    let earlier = try RunConfiguration(resolved: checkpoint.record.config, of: checkpoint.path)
    let (now, then) = (configuration.identity, earlier.identity)
    for (key, text) in now {
      guard let old = then.first(where: { $0.key == key })?.text, old != text else { continue }
      let (expected, found) = firstDifference(old, text)
      throw Failure(
        .badConfiguration, at: checkpoint.path,
        "belongs to another run: expected \(key) as it was (\(expected)), found \(found)",
        cure: "restore the setting, or start anew with another --output")
    }
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
    guard let then = resumed?.instructionSet else { return configuration.instructionSet }
    if let now = configuration.instructionSet, now != then {
      throw Failure(
        .badConfiguration, at: "instruction-set",
        "expected \(then.rawValue), with which the run was started, found \(now.rawValue)",
        cure: "remove the setting: another instruction set gives other bits")
    }
    return then
  }

  /// Reads the data, and checks that data, model and loss fit together.
  static func prepare(_ configuration: RunConfiguration) throws -> (
    train: Dataset, test: Dataset?, standardisation: Standardisation?, plan: Plan
  ) {
    let train = try configuration.data.train(seed: configuration.seed)
    let test = try configuration.data.test(
      seed: configuration.seed, classes: train.classNames, features: train.featureNames)
    let plan = try Network(input: train.shape, layers: configuration.layers).plan(
      microBatch: configuration.microBatch)
    let outputs = plan.shapes.last ?? train.shape
    for dataset in [train, test].compactMap({ $0 }) {
      guard dataset.shape == train.shape else {
        throw Failure(
          .badData, at: dataset.source,
          "expected samples of shape \(train.shape) as in training, found \(dataset.shape)",
          cure: "use test data of the same form")
      }
      try checkTargets(of: dataset, outputs: outputs, loss: configuration.loss)
    }
    let granularity = Standardisation.Granularity(rawValue: configuration.standardise.rawValue)
    return (train, test, granularity.map { Standardisation(from: train, per: $0) }, plan)
  }

  /// Refuses data that differ between the ranks: each reads its own host's copy, and a batch must mean the same to all.
  /// All ranks call it.
  static func requireSameData(_ datasets: [Dataset], _ world: any Communicator) throws {
    guard world.size > 1 else { return }  // A digest of all the data takes time, and nobody to compare it with.
    for dataset in datasets {
      let digests = try world.allGather(dataset.digest.hex)
      let sizes = try world.allGather("\(count(dataset.count, "sample")) of \(dataset.shape)")
      try world.agree {
        guard digests[world.rank] != digests[0] else { return }
        throw Failure(
          .badData, at: dataset.source,
          "expected the data that rank 0 read (\(sizes[0])), found others (\(sizes[world.rank]))",
          cure: "copy the same file to every host")
      }
    }
  }

  /// Refuses a model of which not even the least fits into the host's memory: the parameters, which its ranks share,
  /// and a gradient and activations of each.
  static func requireMemory(
    for plan: Plan, ranks: Int, available: UInt64 = ProcessInfo.processInfo.physicalMemory
  ) throws {
    let floats = Double(plan.layout.count) + Double(ranks) * Double(plan.layout.count + plan.arenaCount)
    let bytes = floats * Double(MemoryLayout<Float>.stride)
    guard bytes > Double(available) else { return }
    throw Failure(
      .unavailable, at: "model",
      "expected a host with at least \(fixed(bytes / 1e9, 1)) GB of memory for \(count(ranks, "rank")), "
        + "found \(fixed(Double(available) / 1e9, 1)) GB",
      cure: ranks > 1 ? "make a layer smaller, or start fewer ranks a host" : "make a layer smaller")
  }

  static func options(_ configuration: RunConfiguration, samples: Int, cores: Int) -> Trainer.Options {
    let lanes = configuration.lanes ?? cores
    let schedule = SampleSchedule(
      samples: samples, batch: configuration.batch, microBatch: configuration.microBatch, seed: configuration.seed)
    return Trainer.Options(
      batch: configuration.batch, seed: configuration.seed, loss: configuration.loss,
      optimizer: configuration.optimizer,
      schedule: Schedule(
        rate: configuration.learningRate, warmup: configuration.schedule.warmup, shape: configuration.schedule.shape,
        steps: configuration.epochs * schedule.stepsPerEpoch),
      clipNorm: configuration.clipNorm, reduction: configuration.reduction, bucketSize: configuration.bucketSize,
      lanes: lanes, sharesMemory: configuration.sharesMemory, cores: cores)
  }
}
