import Checkpoints
import Diagnostics
import Foundation
import Judging
import Tensors

/// How a model's probabilities become decisions: a calibration, and the threshold of a class, each fitted on rows that training has
/// not seen. It is kept in `decision.json` of a checkpoint, and used by `evaluate` and `predict`.
public struct Decision: Codable, Equatable, Sendable {
  /// Nil: probabilities are as the network gives them.
  public let calibration: Calibration?
  /// Nil: the class with the larger probability is predicted. It is one of calibrated probabilities.
  public let threshold: FittedThreshold?
  /// What it was fitted on.
  public let data: String
  /// How many rows that were.
  public let rows: Int
  /// The digest of the weights that it belongs to.
  public let weights: String

  /// What stands in a checkpoint's folder.
  package static let fileName = "decision.json"
  /// What a calibration may be.
  public enum CalibrationKind: String, CaseIterable, Sendable { case temperature, isotonic }

  init(calibration: Calibration?, threshold: FittedThreshold?, data: String, rows: Int, weights: String) {
    (self.calibration, self.threshold, self.data, self.rows) = (calibration, threshold, data, rows)
    self.weights = weights
  }

  /// The one in a checkpoint's folder; nil where there is none.
  ///
  /// Throws bad data (65) where the file is another one, or belongs to other weights.
  init?(besideWeightsOf checkpoint: Checkpoint) throws {
    let path = "\(checkpoint.path)/\(Self.fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let cure = "choose again with lockstep decide, or delete it"
    guard let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode(Decision.self, from: data)
    else { throw Failure(.badData, at: path, "expected a decision, found another file", cure: cure) }
    guard found.weights == checkpoint.record.digest else {
      throw Failure(
        .badData, at: path, "expected the weights \(found.weights), found \(checkpoint.record.digest)", cure: cure)
    }
    guard found.fits(checkpoint.record.classes) else {
      throw Failure(.badData, at: path, "expected a decision among the model's classes, found another one", cure: cure)
    }
    self = found
  }

  /// Whether it is one of classes; nil: of no and yes.
  private func fits(_ classes: [String]?) -> Bool {
    if let threshold {
      guard threshold.threshold >= 0, threshold.threshold.isFinite, classes?.contains(threshold.name) ?? true,
        classes?.count ?? 2 == 2
      else { return false }
    }
    guard case .isotonic(let isotonic) = calibration else { return true }
    guard let positive = isotonic.positive else { return isotonic.functions.count == classes?.count ?? 2 }
    return isotonic.functions.count == 1 && (0...1).contains(positive) && classes?.count ?? 2 == 2
  }

  /// The class that the threshold chooses of two, of a row of probabilities or the one of yes; nil where there is none.
  func chosen(_ row: FloatView, among names: [String]?) -> Int? {
    guard let threshold, let place = names?.firstIndex(of: threshold.name) else { return nil }
    let yes = Double(row[row.count - 1])
    let probability = row.count == 1 ? (place == 1 ? yes : 1 - yes) : Double(row[place])
    return probability >= threshold.threshold ? place : 1 - place
  }
}

extension Model {
  /// Fits a calibration and a threshold on rows that training has not seen, and keeps them in the checkpoint's folder, where they
  /// replace those before; neither: takes them away. All ranks call it.
  ///
  /// - Parameters:
  ///   - dataset: nil: the validation rows of the run.
  ///   - positive: the class that the threshold is for; nil: the one that is rarer in training.
  /// - Returns: what was fitted, on rank zero; nil on others, and where there is nothing to keep.
  @discardableResult
  public func decide(
    threshold rule: ThresholdRule?, calibration kind: Decision.CalibrationKind?, positive: String? = nil,
    on dataset: Dataset? = nil, tell: (String) -> Void = { _ in }
  ) throws -> Decision? {
    let file = "\(path)/\(Decision.fileName)"
    guard rule != nil || kind != nil else {
      decision = nil
      try world.agree { if world.rank == 0 { try? FileManager.default.removeItem(atPath: file) } }
      return nil
    }
    let dataset = try world.agree { try dataset ?? validationData() }
    let subjects = try judgedRows(dataset, positive: positive, usesDecision: false, tell: tell)
    let found = try world.agree { () -> Decision? in
      guard let subjects else { return nil }
      guard subjects.count == 1, var rows = Optional(subjects[0].rows), let classes = rows.classes else {
        throw Failure(
          .usage, at: path, "expected a model of one target of classes, found another one",
          cure: "take it as it is: it has no threshold")
      }
      guard rule == nil || classes.names.count == 2 else {
        throw Failure(
          .usage, at: "--threshold", "expected two classes, found \(classes.names.count)", cure: "leave it out")
      }
      if let kind { try requireClasses(of: classes, for: kind) }
      if kind == .isotonic, rows.count < 1000 {
        tell("isotonic calibration wants a thousand rows or so, found \(grouped(rows.count)): temperature takes fewer")
      }
      let calibration: Calibration? =
        switch kind {
        case .temperature: .temperature(TemperatureScaling(fittedOn: rows))
        case .isotonic: .isotonic(IsotonicCalibration(fittedOn: rows))
        case nil: nil
        }
      if let calibration { rows = calibration.applied(to: rows) ?? rows }
      return Decision(
        calibration: calibration, threshold: try rule.map { try FittedThreshold($0, on: rows) }, data: dataset.source,
        rows: rows.count, weights: record.digest)
    }
    try world.agree { if let found { try (sortedJSON(found) + "\n").write(toRunFile: file) } }
    decision = found
    return found
  }

  /// Throws where classes have no row to fit them to: their probabilities would come to nothing.
  private func requireClasses(of rows: JudgedClasses, for kind: Decision.CalibrationKind) throws {
    var counts = [Int](repeating: 0, count: rows.names.count)
    for row in 0..<rows.count { counts[rows.target(row)] += 1 }
    let missing = counts.firstIndex(of: 0)
    guard let missing, kind == .isotonic || counts.count(where: { $0 > 0 }) < 2 else { return }
    throw Failure(
      .badData, at: "--calibrate", "expected rows of each class, found none of \(rows.names[missing])",
      cure: "give validation more rows, divide them by split: {stratified: …}, or leave it out")
  }

  /// The validation rows of the run.
  private func validationData() throws -> Dataset {
    if let data = try configuration.data.readValidation(seed: configuration.seed, like: schema) { return data }
    throw Failure(
      .badConfiguration, at: path, "the run has no validation rows to choose by",
      cure: "name a file of rows that it has not seen with --data, or train with split: {…: {validation: 0.1}}")
  }
}
