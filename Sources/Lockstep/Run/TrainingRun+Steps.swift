import Datasets
import Diagnostics
import Tensors
import Training

/// The steps of a run, and what is told of them.
extension TrainingRun {
  /// Trains to the end, or until a stop is requested: returns the exit code, 0 or 75.
  public func train() throws -> Int32 {
    do {
      return try trainSteps()
    } catch {
      observers.tell(.failure(Failure(reporting: error)))
      throw error
    }
  }

  private func trainSteps() throws -> Int32 {
    // A checkpoint that is being written is finished, whatever else ends the run.
    defer { awaitWriter() }
    if trainer.step == 0, configuration.output.checkpointAtStart { try checkpoint() }
    if let enough = configuration.stopAfter, trainer.step >= enough, trainer.step < trainer.stepCount {
      return try stop()
    }
    while trainer.step < trainer.stepCount, !isOver {
      let compareEvery = configuration.compareEvery
      let report = try trainer.runStep(
        request, compares: compareEvery > 0 && (trainer.step + 1) % compareEvery == 0)
      if report.request == .giveUp { try settle() }
      summary.add(report)
      observers.tell(.step(report))
      noteStraggler()
      let isEndOfEpoch = trainer.step % trainer.samples.stepsPerEpoch == 0
      if isEndOfEpoch { try endEpoch(report) }
      if report.request == .stop, trainer.step < trainer.stepCount, !isOver { return try stop() }
      let isDue = configuration.output.checkpointEvery.map { trainer.step % $0 == 0 } ?? false
      if isEndOfEpoch || isDue { try checkpoint() }
    }
    if isOver, trainer.step < trainer.stepCount, let best {
      observers.note(
        "training ends after epoch \(best.measured): \(best.metric) has not improved since epoch \(best.epoch)")
    }
    try finish()
    return 0
  }

  private func awaitWriter() {
    guard let writer else { return }
    progress.enter(.checkpointing, step: max(0, trainer.step - 1))
    writer.wait()
  }

  /// What this rank asks of all in the next step.
  private var request: Trainer.Request {
    if writer?.hasFailed == true || observers.hasFailed { return .giveUp }
    let isEnough = configuration.stopAfter.map { trainer.step + 1 >= $0 } ?? false
    return isEnough || StopSignals.request != nil ? .stop : .goOn
  }

  private func stop() throws -> Int32 {
    let path = try finalCheckpoint()
    _ = page?.write()
    observers.tell(.stop(step: trainer.step, checkpoint: path))
    try world.agree { try observers.check() }
    return ExitCode.stopped.rawValue
  }

  /// How many steps have been done.
  public var step: Int { trainer.step }

  /// The identity of the parameters as they are now.
  public var digest: Digest { Digest(of: trainer.parameters, layout: plan.layout) }

  /// Tells of a rank that the others wait for, once it has been slow for long.
  private func noteStraggler() {
    guard let straggler = trainer.paces?.takeStraggler() else { return }
    summary.straggler = straggler.row(hosts)
    observers.note(straggler.note(hosts))
  }

  private func endEpoch(_ report: Trainer.Report) throws {
    let epoch = report.step.epoch + 1
    let isLast = trainer.step == trainer.stepCount
    var evaluation: Evaluation?
    if isLast || epoch % configuration.output.evaluateEvery == 0 {
      evaluation = try evaluateTestData()
      if let evaluation {
        try note(evaluation, epoch: epoch)
        // The one at a short run's end would not be there in a long one.
        if epoch % configuration.output.evaluateEvery == 0 { try noteForPlateau(evaluation, epoch: epoch) }
      }
    }
    observers.tell(
      .epoch(
        EpochReport(
          epoch: epoch, epochs: configuration.epochs, step: trainer.step, loss: summary.takeEpochLoss(),
          evaluation: evaluation)))
    try world.agree { try observers.check() }
  }

  /// Evaluates what training is watched by, where there is such; all ranks call it. See `WholeScores.add` for the last time.
  private func evaluateTestData(isLast: Bool = false) throws -> Evaluation? {
    guard let testData else { return nil }
    let evaluation = try evaluate(
      testData, as: isWatchedByValidation ? "validation" : "test", isLast: isLast && heldData == nil)
    summary.evaluation = evaluation
    lastMetrics = evaluation.named
    return evaluation
  }

  private func evaluate(_ data: Dataset, as name: String, isLast: Bool) throws -> Evaluation {
    var clock = Stopwatch()
    progress.enter(.evaluating, step: max(0, trainer.step - 1))
    if let average, !isAtBest { try trainer.collectAverage(into: average.view) }
    var evaluation = try evaluator.evaluate(data)
    evaluation.data = name
    try addWholeScores(to: &evaluation, of: data, isLast: isLast)
    summary.evaluationSeconds += clock.lap()
    return evaluation
  }

  private func addWholeScores(to evaluation: inout Evaluation, of data: Dataset, isLast: Bool) throws {
    try wholeScores.add(
      to: &evaluation, of: data, isLast: isLast, by: judge, training: { trainingData }, tell: observers.note)
  }

  private func finish() throws {
    var path = try finalCheckpoint()
    if let best = try takeBest() { path = best }
    summary.best = best
    summary.pruned = try configuration.pruned(plan, trainer.parameters)
    // Of other parameters than it was of, or resumed after the end.
    if isAtBest || summary.evaluation == nil {
      _ = try evaluateTestData(isLast: true)
    } else if heldData == nil, let testData {
      try addWholeScores(to: &summary.evaluation!, of: testData, isLast: true)
    }
    summary.held = try heldData.map { try evaluate($0, as: "test", isLast: true) }
    summary.distilled = distilled()
    let decided = try decide(at: path)
    try world.agree {
      let receipt = try receipt().deciding(decided)
      if world.rank == 0 {
        try receipt.write(toRun: output)
        try summary.distilled?.write(toRun: output)
      }
    }
    summary.finish(try world.allGather(summary.ownTimes))
    try world.agree { if world.rank == 0 { try RunTimes(summary, hosts, last: trainer.step).write(toRun: output) } }
    let written = page?.write()
    observers.tell(
      .end(RunResult(summary: summary, checkpoint: path, digest: digest, page: written) { [self] in try sample() }))
    try world.agree { try observers.check() }
  }

  /// A little of what a model of text writes now, for somebody who reads.
  private func sample() throws -> String? {
    let known = try configuration.vocabulary(trainingData.classNames, preparation: trainingData.preparation)
    guard let vocabulary = known else { return nil }
    let generator = try? TextGenerator(
      plan.network, precision: plan.precision, parameters: trainer.parameters, vocabulary: vocabulary)
    guard let generator else { return nil }  // Not every model of text can write.
    var text = ""
    try generator.text(from: "", count: 160, .init(seed: configuration.seed)) { text += $0 }
    return text
  }
}
