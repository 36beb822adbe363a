import Checkpoints
import Communication
import Datasets
import Diagnostics
import Tensors
import Training

/// The checkpoints of a run: copied at a step, written by a thread of rank zero while training goes on.
extension TrainingRun {
  /// Begins a checkpoint of the present step, unless there is one; all ranks call it.
  ///
  /// Returns when rank zero has a copy. Before, it waits for the checkpoint that is still being written, and throws on all
  /// ranks where that failed.
  func checkpoint() throws {
    guard savedStep != trainer.step else { return }
    var clock = Stopwatch()
    progress.enter(.checkpointing, step: max(0, trainer.step - 1))
    // A checkpoint is what all ranks agree on.
    if configuration.compareEvery > 0 { try trainer.compareParameters(inStep: trainer.step) }
    try settle()
    try trainer.gatherState(into: snapshot?.state ?? [])
    try world.agree {
      try observers.check()
      guard let snapshot, let writer, let log else { return }
      try snapshot.take(trainer.parameters, step: trainer.step)
      let (record, transforms) = (recordOfThisStep(), trainingData.transforms)
      let (files, preparation) = (configuration.transforms.fileNames, trainingData.preparation)
      writer.begin { store in
        // The log first: whoever resumes from the checkpoint finds all lines before it.
        try log.sync()
        let contents = snapshot.contents(transforms, files: files, preparation: preparation)
        return try store.save(contents, record: record(snapshot.digest))
      }
    }
    savedStep = trainer.step
    summary.checkpointSeconds += clock.lap()
  }

  /// Writes a checkpoint of the present step, unless there is one, and waits until it is on the disk; all ranks call it.
  ///
  /// Returns its path.
  func finalCheckpoint() throws -> String {
    try checkpoint()
    var clock = Stopwatch()
    try settle()
    summary.checkpointSeconds += clock.lap()
    return CheckpointStore.path(ofStep: trainer.step, in: output)
  }

  /// Waits for the checkpoint that is being written; all ranks call it, and throw the same where it failed.
  func settle() throws {
    progress.enter(.checkpointing, step: max(0, trainer.step - 1))
    try world.agree {
      let finished = try writer?.finish()
      try observers.check()
      guard let saved = finished else { return }
      for damaged in saved.setAside {
        observers.note("set aside a damaged checkpoint, \(damaged.path), as \(damaged.place): \(damaged.reason)")
      }
      for failure in saved.undeleted {
        observers.note("an older checkpoint could not be deleted or set aside: \(failure)")
      }
    }
  }

  /// What `run.json` says of the present step, once the digest is known.
  private func recordOfThisStep() -> @Sendable (Digest) -> RunRecord {
    let (step, epoch, config) = (trainer.step, trainer.step / trainer.samples.stepsPerEpoch, configuration.resolved)
    let (set, input) = (instructionSet.rawValue, plan.network.input.extents)
    let trainingData = RunRecord.text(ofChecksum: trainingChecksum)
    let (schema, metrics, sums, best) = (self.trainingData.schema, lastMetrics, summary.epochSums, best)
    let (start, taught, plateau) = (startRecord, teacher?.weights, plateauState)
    let watchedData = watchedChecksum.map(RunRecord.text(ofChecksum:))
    return {
      RunRecord(
        step: step, epoch: epoch, digest: $0, config: config, programs: RunRecord.ownPrograms,
        instructionSet: set, input: input, trainingData: trainingData, classes: schema.classes,
        features: schema.features, targets: schema.targets, metrics: metrics, sums: sums, startFrom: start?.base,
        teacher: taught,
        best: best, plateau: plateau, watchedData: watchedData, adapter: start?.adapter)
    }
  }

  /// Takes parameters and optimizer state from rank zero's checkpoint.
  func restore(_ checkpoint: Checkpoint?) throws {
    let state = trainer.stateSlots.map { FlatBuffer(count: $0.count(for: plan.layout)) }
    var numbers = [0]
    try world.agree {
      guard let checkpoint else { return }
      try checkpoint.readParameters(into: trainer.parameters, layout: plan.layout)
      try checkpoint.readState(trainer.stateSlots, into: state, layout: plan.layout)
      numbers = [checkpoint.record.step]
      lastMetrics = checkpoint.record.metrics
      summary.epochSums = checkpoint.record.sums
      best = checkpoint.record.best
      startRecord = StartRecord(of: checkpoint.record)
    }
    best = try shared(best)
    setPlateau(try shared(checkpoint?.record.plateau))
    let own = (trainer.sharesParameters ? [] : [trainer.parameters]) + state.map(\.view)
    for buffer in own { try world.broadcast(buffer.bytes, root: 0) }
    let step = try world.allGather(numbers)[0][0]
    trainer.loadState(state)
    trainer.resume(at: step)
    savedStep = step
    isResumed = true
  }
}
