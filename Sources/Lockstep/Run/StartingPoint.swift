import Checkpoints
import Communication
import Datasets
import Diagnostics
import Training
import Transforms

/// Where a run starts: at the beginning, or after a checkpoint, to which settings and data must belong.
struct StartingPoint {
  /// On rank zero; nil elsewhere, and where the run begins.
  let checkpoint: Checkpoint?
  private let configuration: RunConfiguration

  /// Searches a run directory; all ranks call it. `note` is told what was passed over.
  init(
    _ directory: String, _ start: TrainingRun.Start, _ configuration: RunConfiguration, in world: any Communicator,
    _ note: (String) -> Void
  ) throws {
    self.configuration = configuration
    checkpoint = try world.agree {
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
      try Self.requireSameRun(configuration, checkpoint)
      return checkpoint
    }
  }

  /// What a program's run had of a key that its checkpoint is too old to have.
  private static let formerly = ["gradient-transforms": RunConfiguration.programText("gradient-transforms", "[]")]

  /// A resumed run must be the run that the checkpoint belongs to, in all that decides the numbers.
  private static func requireSameRun(_ configuration: RunConfiguration, _ checkpoint: Checkpoint) throws {
    try configuration.requireStart(of: checkpoint)
    let earlier = checkpoint.record.config
    let (now, then) = (
      configuration.identity,
      RunConfiguration.isOfProgram(earlier)
        ? RunConfiguration.identity(of: earlier)
        : try RunConfiguration(resolved: earlier, of: checkpoint.path).identity
    )
    for (key, former) in RunConfiguration.laterKeys.sorted(by: { $0.key < $1.key }) {
      let (was, isNow) = (then.contains { $0.key == key }, now.contains { $0.key == key })
      guard was != isNow else { continue }
      let absent = former == "null" ? "none" : former
      // A setting of several lines is no part of a message.
      func value(_ settings: [(key: String, text: String)], _ several: String) -> String {
        guard let text = settings.first(where: { $0.key == key })?.text else { return absent }
        return text.contains("\n") ? several : String(text.dropFirst(key.count + 2))
      }
      throw otherRun(checkpoint, key, value(then, "there"), value(now, "it"))
    }
    for (key, text) in now {
      guard let old = then.first(where: { $0.key == key })?.text ?? Self.formerly[key], old != text else { continue }
      let isLength = key == RunConfiguration.lengthKey
      // The schedule itself is compared as well.
      if isLength, !configuration.schedule.shape.dependsOnSteps { continue }
      let (expected, found) = firstDifference(old, text)
      throw otherRun(
        checkpoint, key, expected, found,
        because: isLength ? ": with this schedule, the number of epochs decides the learning rate of every step" : "")
    }
  }

  private static func otherRun(
    _ checkpoint: Checkpoint, _ key: String, _ expected: String, _ found: String, because reason: String = ""
  ) -> Failure {
    // Patterns as they are written by hand.
    let settings = "expected \(key) as it was (\(expected)), found \(found)".replacing("\\u002a", with: "*")
    return Failure(
      .badConfiguration, at: checkpoint.path, "belongs to another run: \(settings)\(reason)",
      cure: "restore the setting, or start anew with another --output")
  }

  /// A run may go on for longer than was first asked for, but not for less than it has done.
  func requireStepsLeft(_ trainer: Trainer) throws {
    guard let checkpoint, checkpoint.record.step > trainer.stepCount else { return }
    let stepsPerEpoch = trainer.samples.stepsPerEpoch
    throw Failure(
      .badConfiguration, at: checkpoint.path,
      "expected epochs of at least \((checkpoint.record.step + stepsPerEpoch - 1) / stepsPerEpoch), since "
        + "\(count(checkpoint.record.step, "step")) of \(grouped(stepsPerEpoch)) an epoch are done, found "
        + "\(configuration.epochs)", cure: "raise epochs, or start anew with another --output")
  }

  /// Refuses other training data than those that the run to be resumed was started with.
  func requireTrainingData(_ trainingData: Dataset, checksum: UInt64) throws {
    guard let checkpoint else { return }
    // It decides what stands before and behind the network, which the samples do not tell.
    guard try checkpoint.readPreparation() == trainingData.preparation else {
      throw Failure(
        .badData, at: trainingData.source,
        "expected columns and targets prepared as in the run to be resumed, found them prepared otherwise",
        cure: "resume with the data.table that the run was started with, or start anew in another directory")
    }
    let kept = try checkpoint.readTransforms(configuration.transforms, shape: trainingData.shape)
    let kinds = configuration.transforms.transforms.map { $0.kind }
    for (kind, (kept, now)) in zip(kinds, zip(kept, trainingData.transforms)) where kept.arrays != now.arrays {
      guard kept.wideColumns.count == now.wideColumns.count else {
        throw Failure(
          .badData, at: checkpoint.path,
          "expected \(kind) to read \(count(kept.wideColumns.count, "column")) in double precision, as in the run to be "
            + "resumed, found \(now.wideColumns.count)",
          cure: "start anew in another directory, or resume with the version that the run was started with")
      }
      throw Failure(
        .badData, at: trainingData.source,
        "expected the data of the run to be resumed, found some from which \(kind) takes other numbers",
        cure: "resume with the data that the run was started with")
    }
    // Statistics do not tell the order of the samples, nor their targets; and there may be none.
    guard checkpoint.record.admits(trainingData: checksum) else {
      throw Failure(
        .badData, at: trainingData.source,
        "expected the data of the run to be resumed, found other samples or targets, or another order",
        cure: "resume with the data that the run was started with")
    }
  }

  /// Refuses other data than those by which the run to be resumed was watched, where what is measured on them decides how it goes on:
  /// when a learning rate falls, and which epoch is the best.
  func requireWatchedData(_ data: Dataset?, checksum: UInt64?) throws {
    guard let checkpoint, let data, let checksum, let (key, metric) = configuration.watchers.last,
      !checkpoint.record.admits(watchedData: checksum)
    else { return }
    throw Failure(
      .badData, at: data.source,
      "expected the data of the run to be resumed, whose \(metric) \(key) looks at, found other samples or targets",
      cure: "resume with the data that the run was started with")
  }

  /// The first lines that differ.
  private static func firstDifference(_ a: String, _ b: String) -> (String, String) {
    let (a, b) = (a.split(separator: "\n"), b.split(separator: "\n"))
    let place = zip(a, b).prefix { $0 == $1 }.count
    func line(_ lines: [Substring]) -> String {
      guard place < lines.count else { return "nothing more" }
      let line = String(lines[place].drop { $0 == " " })
      // The key of a list alone says nothing of what is in it.
      guard place == 0, line.hasSuffix(":"), lines.count > 1 else { return line }
      return line + " " + lines[place + 1].drop { $0 == " " }
    }
    return (line(a), line(b))
  }
}
