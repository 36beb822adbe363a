import Configuration
import Datasets
import Foundation
import Judging
import Lockstep
import Metrics
import Training

/// Measures a model once more on the rows that its run was measured on, target by target, and looks at its predictions row by row.
struct Measurer {
  private let model: Model
  private let parts: [(name: String, data: Dataset)]

  init(_ model: Model) throws { (self.model, parts) = (model, try model.measuredData()) }

  private var hasTest: Bool { parts.contains { $0.name == "test" } }

  var parameters: Int { model.plan.layout.parameterCount }

  /// Points of a chart.
  private static let mostPoints = 1000
  /// Of several targets those of which all is told; of others the figures.
  static let mostTargets = 24

  /// The test rows first; empty where there are none of either.
  func measurements() throws -> [Measurement] {
    try parts.map { try measurement($0.name, $0.data) }.sorted { $0.part < $1.part }
  }

  /// One pass of the network gives all that is told of the samples as they are.
  private func measurement(_ part: String, _ data: Dataset) throws -> Measurement {
    let (evaluation, all) = try model.evaluateWithRows(data)
    let subjects = all ?? []
    var whole = Measurement(part: part, rows: data.count)
    whole.unit = model.configuration.data.isPrepared ? "rows" : "samples"
    whole.fitted = model.decision.flatMap { Self.fitted($0, on: data, subjects.first?.rows.count ?? 0) }
    var targets = subjects.map { subject in target(subject, of: whole, evaluation, data, isSingle: subjects.count == 1)
    }
    var detailed = Array(targets.prefix(Self.mostTargets))
    // What is told of columns is told once, of the rows that were measured last.
    if part == "test" || part == "validation" && !hasTest, !detailed.isEmpty,
      let columns = ColumnJudge(model, data, part: part)
    {
      let reason = try columns.describe(&detailed, subjects)
      for place in detailed.indices { detailed[place].unread = reason }
    }
    targets.replaceSubrange(..<detailed.count, with: detailed)
    if targets.count == 1 { return targets[0] }
    let isShare = data.weights == nil && !data.isText
    whole.scores = evaluation.metrics.map { Self.score($0, rows: evaluation.samples, isShare: isShare) }
    whole.headline = Self.score(evaluation.headline, rows: evaluation.samples, isShare: isShare)
    whole.targets = targets
    guard targets.isEmpty else { return whole }
    // Those of many outputs would fill the page.
    whole.outputs = evaluation.outputs.prefix(200).map { name, scores in
      (name, scores.map { Measurement.Score($0.name, ReportedFigure($0.value)) })
    }
    return whole
  }

  private static func score(_ one: Evaluation.Score, rows: Int, isShare: Bool) -> Measurement.Score {
    let figure =
      one.name == "accuracy" && isShare
      ? ReportedFigure.share(one.value, of: rows) : ReportedFigure(one.value, rows: rows)
    return Measurement.Score(one.name, figure)
  }

  /// Figures with intervals, curves, and rows one by one, of a target.
  private func target(
    _ subject: JudgedSubject, of whole: Measurement, _ evaluation: Evaluation, _ data: Dataset, isSingle: Bool
  ) -> Measurement {
    var found = whole
    found.rows = isSingle ? data.count : subject.rows.count
    found.target = isSingle ? nil : subject.name
    if subject.rows.classes != nil {
      found.classes = classFacts(subject.rows)
    } else {
      found.numbers = numberFacts(subject, data)
    }
    found.examples = ExampleRows(subject.rows)
    // Of a sample without a known target, or with several, no row is alone.
    if subject.rows.count == data.count { found.examples?.takePictures(of: data) }
    let isWeighted = subject.rows.weights != nil
    let samples = isSingle ? evaluation.samples : subject.rows.count
    func score(_ one: Evaluation.Score) -> Measurement.Score {
      var score = Self.score(one, rows: samples, isShare: !isWeighted)
      score.baseline =
        found.classes.flatMap { self.baseline(one, $0, isWeighted) } ?? valueBaseline(one, subject.rows, isWeighted)
      return score
    }
    let own = isSingle ? evaluation.metrics : evaluation.outputs.first { $0.name == subject.name }?.metrics ?? []
    found.scores = own.map(score)
    found.headline =
      isSingle
      ? score(evaluation.headline) : found[score: "accuracy"] ?? found[score: "r squared"] ?? found.scores.first
    let judged = model.judged([subject])[0]
    found.take(judged, decision: model.decision, isWeighted: isWeighted)
    if let own = try? model.perFile([subject], of: data)?.first {
      let judged = model.judged([own])[0]
      found.files = judged.judgement.rows
      found.fileScores = judged.judgement.inOrder.map {
        Measurement.Score($0.key, $0.figure, baseline: judged.baseline)
      }
    }
    if found.headline == nil { found.headline = found.scores.first }
    // What a run is to be judged by says more than its loss.
    let chosen = found.scores.first { $0.name != "loss" }
    if found.headline?.name == "loss", !model.configuration.metrics.isEmpty, let chosen { found.headline = chosen }
    return found
  }

  /// What of a decision was fitted on these rows: told by their name and number, as folders may have moved.
  private static func fitted(_ decision: Decision, on data: Dataset, _ rows: Int) -> String? {
    func name(_ source: String) -> Substring? { source.split(separator: "/").last }
    guard decision.rows == rows, name(decision.data) == name(data.source) else { return nil }
    let parts = [decision.calibration.map { _ in "calibration" }, decision.threshold.map { _ in "threshold" }]
    return parts.compactMap { $0 }.joined(separator: " and ")
  }

  // MARK: Classes

  /// How often each class was taken for which, row by row.
  private func classFacts(_ rows: JudgedRows) -> ClassFacts? {
    guard let classes = rows.classes else { return nil }
    var facts = ClassFacts(names: classes.names)
    for place in 0..<rows.count {
      let row = rows.row(place)
      facts.add(truth: classes.target(row), prediction: classes.prediction(row))
    }
    return facts
  }

  /// What a score is for who always names the class of most rows, where the counts of rows decide it: where they give the
  /// model's own.
  private func baseline(
    _ score: Evaluation.Score, _ facts: ClassFacts, _ isWeighted: Bool
  ) -> (value: Double, how: String)? {
    guard !isWeighted, facts.counts.total > 0 else { return nil }
    let total = Double(facts.counts.total)
    if score.name == "loss" {
      let loss = model.configuration.loss
      guard loss.classWeights == nil, model.configuration.settings.allSatisfy(Self.isPlain) else { return nil }
      let entropy = facts.names.indices.reduce(0.0) { sum, place in
        let share = Double(facts.counts.support(of: place)) / total
        return share > 0 ? sum - share * log(share) : sum
      }
      return (entropy, "the shares of the classes")
    }
    func value(_ counts: ClassCounts) -> Double? {
      switch score.name {
      case "accuracy": counts.accuracy
      case "precision": counts.macroAverage.precision
      case "recall": counts.macroAverage.recall
      case "f1": counts.macroAverage.f1
      default: nil
      }
    }
    guard let own = value(facts.counts), abs(own - score.value) <= 1e-9 else { return nil }
    var guess = ClassCounts(classes: facts.names.count)
    let majority = facts.majority
    for truth in facts.names.indices {
      for _ in 0..<facts.counts.support(of: truth) { guess.add(truth: truth, prediction: majority) }
    }
    return value(guess).map { ($0, "always ‘\(Names.brief(facts.names[majority], most: 24))’") }
  }

  /// Whether a setting leaves the loss a mean of -log p.
  private static func isPlain(_ setting: ConfigSetting) -> Bool {
    guard setting.path.hasPrefix("loss.") else { return true }
    let isSmoothing = setting.path.hasSuffix(".label-smoothing") && Double(setting.text) != 0
    let isWeight = setting.path.hasSuffix(".positive-weight") && Double(setting.text) ?? 1 != 1
    return !isSmoothing && !isWeight
  }

  // MARK: Numbers

  private func numberFacts(_ subject: JudgedSubject, _ data: Dataset) -> NumberFacts? {
    guard let numbers = subject.rows.numbers else { return nil }
    let count = subject.rows.count
    let points = stride(from: 0, to: count, by: max(1, (count + Self.mostPoints - 1) / Self.mostPoints)).map { place in
      let row = subject.rows.row(place)
      return (truth: numbers.target(row), prediction: numbers.prediction(row))
    }
    return NumberFacts(name: subject.name ?? data.valueNames?.first ?? "the target", points: points)
  }

  /// What a score is for who always names the mean of these very rows.
  private func valueBaseline(
    _ score: Evaluation.Score, _ rows: JudgedRows, _ isWeighted: Bool
  ) -> (value: Double, how: String)? {
    guard !isWeighted, let numbers = rows.numbers, rows.count > 0 else { return nil }
    let how = "always the mean of these rows"
    let (count, truths) = (Double(rows.count), (0..<rows.count).lazy.map { numbers.target(rows.row($0)) })
    let mean = truths.reduce(0.0) { $0 + $1 } / count
    switch score.name {
    case "mean squared error": return (truths.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / count, how)
    case "mean absolute error": return (truths.reduce(0.0) { $0 + abs($1 - mean) } / count, how)
    case "r squared": return (0, how)
    default: return nil
    }
  }
}
