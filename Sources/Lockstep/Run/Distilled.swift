import Diagnostics
import Files
import Foundation
import Layers
import Training

/// A student beside its teacher, and beside the same network that nobody taught: `distillation.json` of a run's folder.
public struct Distilled: Codable, Equatable, Sendable {
  /// One of them.
  public struct Model: Codable, Equatable, Sendable {
    /// `student`, `teacher`, or `without a teacher`.
    public let role: String
    /// Its checkpoint; nil of the run itself.
    public let path: String?
    /// The digest of its weights.
    public let weights: String
    /// Numbers that it has learned.
    public let parameters: Int
    /// `loss` and scores, in the order that `evaluate` has.
    public let figures: [Figure]
  }

  /// What was measured.
  public struct Figure: Codable, Equatable, Sendable {
    /// `loss`, `accuracy`
    public let name: String
    /// What it came to.
    public let value: Double
  }

  /// Which rows: `test`, or `validation` where there are no others.
  public let data: String
  /// How many they are.
  public let rows: Int
  /// The student first.
  public let models: [Model]

  package static let fileName = "distillation.json"

  /// The names of figures that all of them have, in the student's order.
  public var names: [String] {
    let all = models.map { Set($0.figures.map(\.name)) }
    return (models.first?.figures.map(\.name) ?? []).filter { name in all.allSatisfy { $0.contains(name) } }
  }

  /// What a model has come to; nil where it has no such figure.
  public func value(_ name: String, of model: Model) -> Double? { model.figures.first { $0.name == name }?.value }

  /// A line of one of them: `accuracy 0.9120, loss 0.2540; 669,706 parameters`.
  func text(of model: Model, headline: String) -> String {
    let names = [headline, "loss"].filter(self.names.contains)
    let figures = (names.first == names.last ? Array(names.prefix(1)) : names).compactMap { name in
      value(name, of: model).map { "\(name) \(fixed($0, 4))" }
    }
    return "\(figures.joined(separator: ", ")); \(count(model.parameters, "parameter"))"
  }
}

extension Distilled.Model {
  /// What an evaluation has found.
  init(_ role: String, path: String?, weights: String, parameters: Int, _ evaluation: Evaluation) {
    self.init(
      role: role, path: path, weights: weights, parameters: parameters,
      figures: evaluation.metrics.map { Distilled.Figure(name: $0.name, value: $0.value) })
  }
}

/// Its file.
extension Distilled {
  /// The one of a run's folder; nil where there is none, or another file.
  package init?(ofRun directory: String) {
    guard let data = FileManager.default.contents(atPath: "\(directory)/\(Self.fileName)"), data.count < 1 << 24,
      let found = try? JSONDecoder().decode(Distilled.self, from: data)
    else { return nil }
    self = found
  }

  func write(toRun directory: String) throws {
    let path = "\(directory)/\(Self.fileName)"
    try requireOwnFile(path)
    try (sortedJSON(self) + "\n").write(toRunFile: path)
  }
}

extension TrainingRun {
  /// The run beside whom it learned of, on the rows that it measured itself on last; nil where nobody taught it.
  func distilled() -> Distilled? {
    guard let teacher, !teacher.measured.isEmpty, let evaluation = summary.held ?? summary.evaluation else {
      return nil
    }
    let own = Distilled.Model(
      "student", path: nil, weights: digest.description, parameters: plan.layout.parameterCount, evaluation)
    return Distilled(data: evaluation.data, rows: evaluation.samples, models: [own] + teacher.measured)
  }
}
