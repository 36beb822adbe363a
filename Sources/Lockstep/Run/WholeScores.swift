import Datasets
import Diagnostics
import Foundation
import Judging
import Metrics
import Training

/// The scores of a run that need all rows at once, as `WholeMetric` tells: judged as `evaluate` does, without intervals, on rank zero,
/// which the others hear of them.
///
/// Nothing is judged where none is named.
struct WholeScores {
  /// What a run is watched by, where that is one of them.
  struct Watched {
    /// As files have it.
    let name: String
    let metric: any JudgedMetric
    /// The target that it is of, where there are several.
    let output: String?
    let goal: MetricGoal
  }

  private let watched: [Watched]
  /// Those that `metrics` names.
  private let chosen: [any JudgedMetric]

  /// Which way a score is better; nil where it is none of those that a run is watched by.
  func goal(of name: String) -> MetricGoal? { watched.first { $0.name == name }?.goal }

  /// Throws a bad configuration (78) where early stopping or a plateau names a score that is not measured on `dataset`.
  init(_ configuration: RunConfiguration, _ evaluator: Evaluator, on dataset: Dataset?) throws {
    chosen = configuration.metrics.compactMap { $0 is any WholeMetric ? $0 as? any JudgedMetric : nil }
    guard let dataset else {
      watched = []
      return
    }
    let (added, own) = (try evaluator.goals(on: dataset), chosen)
    watched = try configuration.watchers.filter { added[$0.metric] == nil }.map {
      try Self.watched($0.metric, at: $0.key, among: own, evaluator, added, on: dataset)
    }
  }

  private static func watched(
    _ name: String, at key: String, among chosen: [any JudgedMetric], _ evaluator: Evaluator,
    _ added: [String: MetricGoal], on dataset: Dataset
  ) throws -> Watched {
    let usual = [dataset.classNames?.count ?? 2, nil].flatMap { JudgedTarget.usualMetrics(classes: $0) }
    let candidates = chosen + usual.filter { $0 is any WholeMetric }
    for metric in candidates {
      guard let goal = evaluator.wholeGoals(metric, on: dataset)[name] else { continue }
      let output = name.dropFirst(metric.key.count + 1)
      return Watched(name: name, metric: metric, output: output.isEmpty ? nil : String(output), goal: goal)
    }
    let names = added.keys.sorted() + candidates.flatMap { evaluator.wholeGoals($0, on: dataset).keys.sorted() }
    var distinct: [String] = []
    for score in names where !distinct.contains(score) { distinct.append(score) }
    throw Failure(
      .badConfiguration, at: "\(key).metric",
      "expected a score that is measured (\(distinct.joined(separator: ", "))), found \(name)",
      cure: nearest(to: name, among: distinct).map { "did you mean \($0)?" } ?? "add it to metrics")
  }

  /// Adds those of a part to what was measured on it: that which training is watched by, and where it is the last time all of them. A
  /// score that is not defined is left out, and `tell` is given the reason. All ranks call it.
  ///
  /// - Parameter dataset: samples whose features need no transforms but their own.
  func add(
    to evaluation: inout Evaluation, of dataset: Dataset, isLast: Bool, by judge: SampleJudge, training: () -> Dataset?,
    tell: (String) -> Void = { _ in }
  ) throws {
    var metrics: [any JudgedMetric] = []
    for own in watched where !metrics.contains(where: { $0.key == own.metric.key }) { metrics.append(own.metric) }
    if isLast { metrics += chosen.filter { own in !metrics.contains { $0.key == own.key } } }
    let known = evaluation.scores.map(\.name)
    metrics.removeAll { own in known.contains { $0 == own.key || $0.hasPrefix("\(own.key)/") } }
    guard !metrics.isEmpty else { return }
    let subjects = try judge.subjects(of: dataset, training: training)
    let own = try judge.world.agree { try subjects.map { try sortedJSON(scores(metrics, of: $0)) } ?? "" }
    // Ranks branch on what comes of it.
    let shared = try judge.world.allGather(own)[0]
    for score in try JSONDecoder().decode([Score].self, from: Data(shared.utf8)) {
      let isWatched = watched.contains { $0.metric.key == score.key && ($0.output ?? score.target) == score.target }
      switch score.figure {
      case .value(let value):
        evaluation.add((score.name, value), of: score.target, isHeadline: isWatched)
      case .undefined(let reason):
        tell("\(evaluation.data) \(score.name)\(score.target.map { " of \($0)" } ?? ""): none: \(reason)")
      }
    }
  }

  /// What rank zero tells the others.
  private struct Score: Codable {
    let key: String
    let name: String
    let target: String?
    let figure: Figure
  }

  private func scores(_ metrics: [any JudgedMetric], of subjects: [JudgedSubject]) -> [Score] {
    subjects.flatMap { subject in
      let judgement = Judge(metrics, resamples: Resamples(count: 0), team: Model.coreTeam()).judge(subject.rows)
      let target = subjects.count > 1 ? subject.name : nil
      return metrics.compactMap { metric -> Score? in
        judgement.figures[metric.key].map {
          Score(key: metric.key, name: metric.name, target: target, figure: $0.value)
        }
      }
    }
  }
}

extension Model {
  /// What a run measures of a part: loss and scores, and those that need all rows where it did. One rank alone.
  ///
  /// - Parameters:
  ///   - isWatched: whether training was watched by the part.
  ///   - isLast: whether it is the part that is measured at the end.
  func evaluate(_ dataset: Dataset, as name: String, isWatched: Bool, isLast: Bool) throws -> Evaluation {
    var evaluation = try evaluate(dataset)
    evaluation.data = name
    let samples = try dataset.transformed(by: transforms)
    guard isWatched || isLast else { return evaluation }
    let judge = sampleJudge()
    try WholeScores(configuration, judge.evaluator, on: samples).add(
      to: &evaluation, of: samples, isLast: isLast, by: judge, training: { trainingSamples { _ in } })
    return evaluation
  }
}
