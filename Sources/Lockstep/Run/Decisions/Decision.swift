import Checkpoints
import Communication
import Diagnostics
import Foundation
import Judging
import Tensors

/// How a model's probabilities become decisions: a calibration, and the threshold of a class, each fitted on rows that training has
/// not seen. It is kept in `decision.json` of a checkpoint, told in the run's receipt, and used by `evaluate` and `predict`.
public struct Decision: Codable, Equatable, Sendable {
  /// Nil: probabilities are as the network gives them.
  public let calibration: Calibration?
  /// Nil: the class with the larger probability is predicted. It is one of calibrated probabilities.
  public let threshold: FittedThreshold?
  /// The class of two that both are about; nil where there are more.
  public let positive: String?
  /// What it was fitted on.
  public let data: String
  /// The absolute path of the file that these rows are in; nil where they are the run's validation rows, or a program's own.
  public let file: String?
  /// The name and the digest of rows that are not the run's: `new.csv sha256:…`; nil: they are.
  public let input: String?
  /// How many rows that were.
  public let rows: Int
  /// The digest of the weights that it belongs to.
  public let weights: String
  /// Who asked for it; nil in files of before that was told.
  public let origin: Origin?

  /// Who may ask for a decision.
  public enum Origin: String, Codable, Sendable {
    /// `decide` of the run's configuration.
    case configuration
    /// `lockstep decide`, or a program.
    case command
  }

  /// What stands in a checkpoint's folder.
  package static let fileName = "decision.json"
  /// What a calibration may be.
  public enum CalibrationKind: String, CaseIterable, Sendable { case temperature, isotonic }

  init(
    calibration: Calibration?, threshold: FittedThreshold?, positive: String?, data: String, file: String?,
    input: String?, rows: Int, weights: String, origin: Origin
  ) {
    (self.calibration, self.threshold, self.positive, self.data) = (calibration, threshold, positive, data)
    (self.file, self.input, self.rows, self.weights, self.origin) = (file, input, rows, weights, origin)
  }

  /// The same of other weights, whose outputs are the same.
  func of(_ weights: String) -> Decision {
    Decision(
      calibration: calibration, threshold: threshold, positive: positive, data: data, file: file, input: input,
      rows: rows, weights: weights, origin: .command)
  }

  /// Whether it stands in for nothing but what somebody chose by hand.
  var isOfConfiguration: Bool { origin == .configuration }

  /// The class that the threshold chooses of two, of a row of probabilities or the one of yes; nil where there is none.
  func chosen(_ row: FloatView, among names: [String]?) -> Int? {
    guard let threshold, let place = names?.firstIndex(of: threshold.name) else { return nil }
    let yes = Double(row[row.count - 1])
    let probability = row.count == 1 ? (place == 1 ? yes : 1 - yes) : Double(row[place])
    return probability >= threshold.threshold ? place : 1 - place
  }

  /// What rank zero has, on all ranks; all of them call it.
  static func shared(_ own: Decision?, in world: any Communicator) throws -> Decision? {
    let text = try world.allGather(own.map { try sortedJSON($0) } ?? "")[0]
    return text.isEmpty ? nil : try JSONDecoder().decode(Decision.self, from: Data(text.utf8))
  }
}

/// Its file.
extension Decision {
  /// The one in a checkpoint's folder; nil where there is none.
  ///
  /// Throws bad data (65) where the file is another one, or belongs to other weights.
  init?(in folder: String, weights: String, classes: [String]?) throws {
    let path = "\(folder)/\(Self.fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let cure = "choose again with lockstep decide, or delete it"
    guard let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode(Decision.self, from: data)
    else { throw Failure(.badData, at: path, "expected a decision, found another file", cure: cure) }
    guard found.weights == weights else {
      throw Failure(.badData, at: path, "expected the weights \(found.weights), found \(weights)", cure: cure)
    }
    guard found.fits(classes) else {
      throw Failure(.badData, at: path, "expected a decision among the model's classes, found another one", cure: cure)
    }
    self = found
  }

  init?(besideWeightsOf checkpoint: Checkpoint) throws {
    try self.init(in: checkpoint.path, weights: checkpoint.record.digest, classes: checkpoint.record.classes)
  }

  func write(toCheckpoint folder: String) throws {
    try (sortedJSON(self) + "\n").write(toRunFile: "\(folder)/\(Self.fileName)")
  }

  /// Takes the one of a checkpoint's folder away, where there is one.
  static func remove(from folder: String) throws {
    let path = "\(folder)/\(fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch {
      throw Failure(
        .inputOutput, at: path, "expected a file that can be deleted; found \((error as NSError).localizedDescription)",
        cure: "allow this user to write to its folder")
    }
  }

  /// Whether it is one of classes; nil: of no and yes.
  private func fits(_ classes: [String]?) -> Bool {
    if let positive, !(classes?.contains(positive) ?? true) { return false }
    if let threshold {
      guard threshold.threshold >= 0, threshold.threshold.isFinite, classes?.contains(threshold.name) ?? true,
        classes?.count ?? 2 == 2
      else { return false }
    }
    guard case .isotonic(let isotonic) = calibration else { return true }
    guard let positive = isotonic.positive else { return isotonic.functions.count == classes?.count ?? 2 }
    return isotonic.functions.count == 1 && (0...1).contains(positive) && classes?.count ?? 2 == 2
  }
}
