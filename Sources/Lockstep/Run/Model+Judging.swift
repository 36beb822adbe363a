import Communication
import Datasets
import Diagnostics
import Foundation
import Host
import Judging
import Losses
import Metrics
import Tensors
import Training

/// What a model said of each sample, target by target, as figures are computed of it.
package struct JudgedSubject {
  package let name: String?
  package let rows: JudgedRows
  /// Nil where training data cannot be read.
  package let baseline: Baseline?
}

/// Figures with intervals, beside a baseline.
extension Model {
  /// Judges the model by the samples of `dataset`, target by target, on rank zero; nil on other ranks. All ranks call it.
  ///
  /// The ranks share the outputs, and rank zero computes the figures of them, on its cores: the same bits on any number of
  /// either. Metrics are those of the configuration, and behind them the usual ones. What predicts tokens is not judged: an
  /// empty list.
  ///
  /// - Parameters:
  ///   - positive: the classes that figures of two classes are about, each as `CLASS`, or of one of several targets as
  ///     `TARGET=CLASS`; where none is named it is that of a threshold that was chosen, else the one that fewer training samples
  ///     have.
  ///   - tell: is given on rank zero what could not be had.
  public func judge(
    _ dataset: Dataset, resamples: Resamples = Resamples(), positive: [String] = [], tell: (String) -> Void = { _ in }
  ) throws -> [JudgedTarget]? {
    let subjects = try judgedRows(dataset, positive: positive, tell: tell)
    return try world.agree { subjects.map { judged($0, resamples: resamples) } }
  }

  /// The figures of each target. One rank alone.
  package func judged(_ subjects: [JudgedSubject], resamples: Resamples = Resamples()) -> [JudgedTarget] {
    let team = Self.coreTeam()
    return subjects.map { subject in
      let judge = Judge(
        JudgedTarget.metrics(configuration.metrics, of: subject.rows), resamples: resamples, team: team)
      return JudgedTarget(subject.name, subject.rows, baseline: subject.baseline, judge: judge)
    }
  }

  /// The same of files, where samples are clips of longer ones: see `JudgedRows.perFile`; nil where each is of its own.
  ///
  /// No baseline stands beside them: that of training clips would guess what is frequent among clips, not among files.
  package func perFile(_ subjects: [JudgedSubject], of dataset: Dataset) throws -> [JudgedSubject]? {
    guard let files = dataset.files else { return nil }
    let found = try subjects.compactMap { subject in
      try subject.rows.perFile(files).map { JudgedSubject(name: subject.name, rows: $0, baseline: nil) }
    }
    return found.isEmpty ? nil : found
  }

  /// Threads for figures, as many as there are cores for.
  package static func coreTeam() -> CoreTeam {
    CoreTeam(cores: ProcessorCores.shared(environment: ProcessInfo.processInfo.environment))
  }

  /// What the model says of each sample, target by target, on rank zero; nil on other ranks. All ranks call it.
  ///
  /// Outputs are kept in a file that is gone with what is given back.
  package func judgedRows(
    _ dataset: Dataset, positive: [String] = [],
    tell: (String) -> Void = { _ in }
  ) throws -> [JudgedSubject]? {
    try judgedRows(
      ready: dataset.transformed(by: transforms), positive: positive, tell: tell)
  }

  /// The same with what `evaluate` gives, of one pass of the network over the samples.
  package func evaluateWithRows(
    _ dataset: Dataset, positive: [String] = [], tell: (String) -> Void = { _ in }
  ) throws -> (evaluation: Evaluation, subjects: [JudgedSubject]?) {
    guard !dataset.isText else { return (try evaluate(dataset), world.rank == 0 ? [] : nil) }
    try checkMeasurable(dataset)
    var evaluation: Evaluation?
    let subjects = try judgedRows(
      ready: dataset.transformed(by: transforms), positive: positive, tell: tell
    ) { evaluator, ready, activate, body in
      evaluation = try evaluator.evaluate(ready, activate: activate, body)
    }
    // The pass has given it, or thrown.
    return (evaluation!, subjects)
  }

  /// The same of samples whose features need no transforms but their own; beside the baselines of `known`, which are of the same
  /// training samples, where those were judged before.
  func judgedRows(
    ready dataset: Dataset, positive: [String] = [], like known: [JudgedSubject]? = nil,
    tell: (String) -> Void = { _ in }, pass: SampleJudge.OutputPass = SampleJudge.outputs
  ) throws -> [JudgedSubject]? {
    try sampleJudge().subjects(
      of: dataset, decision: decision, positive: positive, like: known,
      training: { trainingSamples(tell: tell) }, tell: tell, pass: pass)
  }

  /// Makes of samples what figures are computed of.
  func sampleJudge() -> SampleJudge {
    SampleJudge(evaluator: evaluator(world), configuration: configuration, width: outputShape.count, world: world)
  }

  /// The training samples; nil where they cannot be read any more.
  func trainingSamples(tell: (String) -> Void) -> Dataset? {
    do {
      return try configuration.data.read(.train, seed: configuration.seed, like: schema)
    } catch {
      tell("no baseline, as the training data cannot be read: \(Failure(reporting: error).description)")
      return nil
    }
  }
}

extension JudgedRows {
  /// The same, about the positive class that was asked for, by a threshold that was chosen for it.
  func about(_ positive: Int?, _ decision: Decision?, _ baseline: Baseline?) -> JudgedRows {
    guard var classes, classes.names.count == 2 else { return self }
    let chosen = (decision?.threshold?.name ?? decision?.positive).flatMap { classes.names.firstIndex(of: $0) }
    if let place = positive ?? chosen {
      classes.positive = place
    } else if let rarer = baseline?.rarer {
      classes.positive = rarer
    }
    if let chosen = decision?.threshold {
      classes.threshold = (class: classes.names.firstIndex(of: chosen.name) ?? 1, least: chosen.threshold)
      if case .cost(let cost) = chosen.rule {
        classes.cost = classes.names[classes.positive] == chosen.name ? cost : cost.ofOther
      }
    }
    return saying(.classes(classes))
  }
}
