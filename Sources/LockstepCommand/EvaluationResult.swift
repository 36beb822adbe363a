import Foundation
import Lockstep

/// What `evaluate` prints.
struct EvaluationResult {
  let model: Model
  let dataset: Dataset
  let evaluation: Evaluation
  let targets: [JudgedTarget]
  /// Of each target, the most important column first; empty where that was not asked for.
  var importance: [[ColumnImportance]] = []
  /// Of each target, column by column; empty where that was not asked for.
  var slices: [[Slices]] = []

  /// The same of files, where samples are clips of them: the mean of what is said of its clips; empty where they are not.
  var files: [JudgedTarget] = []

  /// Columns that are shown to people.
  private static let mostColumns = 30

  var text: String {
    var text = "\(model.path.shown()) on \(dataset.source.shown()): \(grouped(evaluation.samples)) samples"
    if evaluation.ignored > 0 { text += ", \(grouped(evaluation.ignored)) targets ignored" }
    text += "\n"
    let width = max(20, 2 + (evaluation.metrics.map(\.name.count).max() ?? 0))
    for (name, value) in evaluation.metrics { text += name.padded(to: width) + fixed(value, 4) + "\n" }
    if let report = evaluation.report(digits: 4) { text += "\n" + report }
    if let decision { text += "\nabove: the class with the larger probability; below: \(decision)\n" }
    for target in targets where !target.judgement.order.isEmpty {
      text += "\n" + heading(target) + target.judgement.table(beside: target.baseline?.name)
    }
    for target in files where !target.judgement.order.isEmpty {
      text += "\nby file, \(grouped(target.judgement.rows)) of them, each the mean of its clips\n"
      text += heading(target) + target.judgement.table(beside: target.baseline?.name)
    }
    for (place, columns) in importance.enumerated() { text += "\n" + table(columns, of: targets[place].name) }
    for (place, columns) in slices.enumerated() {
      for column in columns { text += "\n" + SliceText(column, of: targets[place]).text }
    }
    return text
  }

  /// `a threshold of 0.4884 for bad, isotonic calibration`
  private var decision: String? {
    guard let decision = model.decision else { return nil }
    var parts: [String] = []
    if let threshold = decision.threshold {
      parts.append("a threshold of \(fixed(threshold.threshold, 4)) for \(threshold.name.shown())")
    }
    switch decision.calibration {
    case .temperature: parts.append("calibration by temperature")
    case .isotonic: parts.append("isotonic calibration")
    case nil: break
    }
    return parts.joined(separator: ", ")
  }

  /// `Status, positive class bad; 1,000 resamples`
  private func heading(_ target: JudgedTarget) -> String {
    var parts: [String] = []
    if let name = target.name { parts.append(name.shown()) }
    if let positive = target.positive { parts.append("positive class \(positive.shown())") }
    if target.judgement.resamples > 0 { parts.append(count(target.judgement.resamples, "resample")) }
    return parts.isEmpty ? "" : parts.joined(separator: ", ") + "\n"
  }

  /// A line a column, and what those are that are left out.
  private func table(_ columns: [ColumnImportance], of target: String?) -> String {
    guard let first = columns.first else { return "" }
    func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + fixed(value, 4) }
    let shown = columns.prefix(Self.mostColumns)
    let width = 2 + (shown.map { $0.column.shown().count }.max() ?? 0)
    var text = target.map { $0.shown() + ", " } ?? ""
    text += "\(first.metric.replacing("-", with: " ")): how much worse without each column\n"
    for column in shown {
      let value = column.value.value.map(signed) ?? "none"
      let bounds = column.interval?.bounds.map { "  \(signed($0.low)) to \(signed($0.high))" } ?? ""
      text += column.column.shown().padded(to: width) + value + bounds + "\n"
    }
    if columns.count > shown.count { text += "… and \(columns.count - shown.count) more, in --json\n" }
    return text
  }

  /// With sorted keys. Of one target its keys stand at the top, of several there is a list.
  var json: String { get throws { try sortedJSON(Contents(result: self)) } }

  private struct Contents: Encodable {
    let result: EvaluationResult

    private enum Key: String, CodingKey {
      case checkpoint, data, samples, ignored, loss, targets, importance, slices, decision, files
    }

    func encode(to encoder: any Encoder) throws {
      if result.targets.count == 1 { try result.targets[0].encode(to: encoder) }
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(result.model.path, forKey: .checkpoint)
      try container.encode(result.dataset.source, forKey: .data)
      try container.encode(result.evaluation.samples, forKey: .samples)
      try container.encode(result.evaluation.ignored, forKey: .ignored)
      try container.encode(result.evaluation.loss, forKey: .loss)
      if result.importance.count == 1 { try container.encode(result.importance[0], forKey: .importance) }
      if result.importance.count > 1 { try container.encode(result.importance, forKey: .importance) }
      let slices = zip(result.targets, result.slices).map { target, columns in
        columns.map { SlicesBesideAll(slices: $0, all: target.judgement) }
      }
      if slices.count == 1 { try container.encode(slices[0], forKey: .slices) }
      if slices.count > 1 { try container.encode(slices, forKey: .slices) }
      if result.files.count == 1 { try container.encode(result.files[0], forKey: .files) }
      if result.files.count > 1 { try container.encode(result.files, forKey: .files) }
      try container.encodeIfPresent(result.model.decision, forKey: .decision)
      if result.targets.count > 1 { try container.encode(result.targets, forKey: .targets) }
    }
  }
}
