import Configuration
import Datasets
import Foundation
import Judging
import Lockstep
import Metrics
import Training

/// Measures a model once more on the rows that its run was measured on, and looks at its predictions row by row.
struct Measurer {
  private let model: Model
  private let parts: [(name: String, data: Dataset)]

  init(_ model: Model) throws { (self.model, parts) = (model, try model.measuredData()) }

  private var hasTest: Bool { parts.contains { $0.name == "test" } }

  var parameters: Int { model.plan.layout.parameterCount }

  /// Numbers of outputs that are looked at row by row, at most: of more, the scores are told alone.
  private static let mostOutputs = 1 << 27
  /// Rows that are told one by one.
  private static let mostRows = 10
  /// Points of a chart.
  private static let mostPoints = 1000

  /// The test rows first; empty where there are none of either.
  func measurements() throws -> [Measurement] {
    try parts.map { try measurement($0.name, $0.data) }.sorted { $0.part < $1.part }
  }

  private func measurement(_ part: String, _ data: Dataset) throws -> Measurement {
    let evaluation = try model.evaluate(data)
    var found = Measurement(part: part, rows: data.count)
    found.unit = model.configuration.data.isPrepared ? "rows" : "samples"
    let isWeighted = data.weights != nil
    if model.configuration.loss.parts.isEmpty, data.count * model.outputShape.count <= Self.mostOutputs, !data.isText {
      found.classes = try classFacts(data)
      found.numbers = found.classes == nil ? try numberFacts(data) : nil
    }
    func score(_ one: Evaluation.Score) -> Measurement.Score {
      let isShare = one.name == "accuracy" && !isWeighted && !data.isText
      let figure =
        isShare
        ? ReportedFigure.share(one.value, of: evaluation.samples) : ReportedFigure(one.value, rows: evaluation.samples)
      let known = found.classes.flatMap { self.baseline(one, $0, isWeighted) } ?? valueBaseline(one, data, isWeighted)
      return Measurement.Score(one.name, figure, baseline: known)
    }
    found.scores = evaluation.metrics.map(score)
    found.headline = score(evaluation.headline)
    try judge(&found, data)
    // Those of many outputs would fill the page.
    found.outputs = evaluation.outputs.prefix(200).map { name, scores in
      (name, scores.map { Measurement.Score($0.name, ReportedFigure($0.value)) })
    }
    return found
  }

  /// Figures with intervals, curves, slices and importance, of one target.
  private func judge(_ found: inout Measurement, _ data: Dataset) throws {
    guard let subjects = try model.judgedRows(data), subjects.count == 1, let subject = subjects.first else { return }
    let metrics = JudgedTarget.metrics(model.configuration.metrics, of: subject.rows)
    let judge = Judge(metrics, team: Model.coreTeam())
    found.take(
      JudgedTarget(subject.name, subject.rows, baseline: subject.baseline, judge: judge), decision: model.decision,
      isWeighted: subject.rows.weights != nil)
    found.fitted = model.decision.flatMap { Self.fitted($0, on: data, subject.rows.count) }
    guard found.part == "test" || found.part == "validation" && !hasTest,
      let columns = ColumnJudge(model, data, subject)
    else { return }
    found.slices = columns.slices()
    let importance = try columns.importance()
    (found.importance, found.importanceOf) = (importance.columns, importance.metric)
    found.importanceRows = columns.shuffledRows
  }

  /// What of a decision was fitted on these rows: told by their name and number, as folders may have moved.
  private static func fitted(_ decision: Decision, on data: Dataset, _ rows: Int) -> String? {
    func name(_ source: String) -> Substring? { source.split(separator: "/").last }
    guard decision.rows == rows, name(decision.data) == name(data.source) else { return nil }
    let parts = [decision.calibration.map { _ in "calibration" }, decision.threshold.map { _ in "threshold" }]
    return parts.compactMap { $0 }.joined(separator: " and ")
  }

  // MARK: Classes

  private func classFacts(_ data: Dataset) throws -> ClassFacts? {
    guard let names = data.classNames, names.count > 1 else { return nil }
    let (width, loss) = (model.outputShape.count, model.configuration.loss)
    let isBinary = if case .binary = loss.meaning { width == 1 } else { false }
    guard isBinary || loss.takesClasses && width == names.count else { return nil }
    let outputs = try model.predict(data).view
    return data.targets.withClasses { truths in
      var facts = ClassFacts(names: names)
      var rows: [RowFacts] = []
      rows.reserveCapacity(truths.count)
      for (row, truth) in truths.enumerated() where loss.ignored != truth {
        var prediction = 0
        if isBinary {
          prediction = outputs[row] > 0.5 ? 1 : 0
        } else {
          for place in 1..<width where outputs[row * width + place] > outputs[row * width + prediction] {
            prediction = place
          }
        }
        facts.add(truth: Int(truth), prediction: prediction)
        let yes = Double(outputs[isBinary ? row : row * width + Int(truth)])
        let probability = isBinary && truth == 0 ? 1 - yes : yes
        rows.append(
          RowFacts(place: row + 1, truth: Int(truth), prediction: prediction, probability: probability))
      }
      rows.sort { ($0.probability, $0.place) < ($1.probability, $1.place) }
      facts.worst = Array(rows.prefix(Self.mostRows))
      facts.best = Array(rows.suffix(Self.mostRows / 2).reversed())
      return facts
    }
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

  private func numberFacts(_ data: Dataset) throws -> NumberFacts? {
    guard case .values = model.configuration.loss.meaning, let width = data.targets.width else { return nil }
    let loss = model.configuration.loss
    let outputs = try model.predict(data).view
    guard outputs.count == data.count * width * loss.outputsPerTarget else { return nil }
    let step = max(1, (data.count + Self.mostPoints - 1) / Self.mostPoints)
    let points = data.targets.withValues { truths in
      stride(from: 0, to: data.count, by: step).map { row in
        (Double(truths[row * width]), Double(outputs[row * width * loss.outputsPerTarget + loss.point]))
      }
    }
    return points.map { NumberFacts(name: data.valueNames?.first ?? "the target", points: $0) }
  }

  /// What a score is for who always names the mean of these very rows.
  private func valueBaseline(
    _ score: Evaluation.Score, _ data: Dataset, _ isWeighted: Bool
  ) -> (value: Double, how: String)? {
    guard !isWeighted, data.targets.width == 1, data.count > 0, case .values = model.configuration.loss.meaning else {
      return nil
    }
    let how = "always the mean of these rows"
    return data.targets.withValues { truths -> (value: Double, how: String)? in
      let count = Double(truths.count)
      let mean = truths.reduce(0.0) { $0 + Double($1) } / count
      switch score.name {
      case "mean squared error":
        return (truths.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count, how)
      case "mean absolute error": return (truths.reduce(0.0) { $0 + abs(Double($1) - mean) } / count, how)
      case "r squared": return (0, how)
      default: return nil
      }
    } ?? nil
  }
}
