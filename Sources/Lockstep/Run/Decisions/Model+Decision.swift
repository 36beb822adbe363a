import Checkpoints
import Communication
import Datasets
import Diagnostics
import Files
import Foundation
import Judging

/// Decisions fitted by hand, and told in the run's receipt.
extension Model {
  /// Fits a calibration and a threshold on rows that training has not seen, and keeps them in the checkpoint's folder, where they
  /// replace those before; neither: takes them away. The run's receipt, where it is of these weights, tells of it. All ranks call it.
  ///
  /// Everything is computed and checked before the first file is written: `decision.json`, and behind it `receipt.json`. Where only
  /// the first was, whoever loads the model is told, and the same call once more puts it right.
  ///
  /// - Parameters:
  ///   - dataset: nil: the validation rows of the run.
  ///   - file: where `dataset` was read from, so that it can be read again; nil: from nowhere.
  ///   - positive: the class that the threshold is for; nil: the one that is rarer in training.
  /// - Returns: what was fitted, on all ranks; nil where there is nothing to keep.
  /// - Throws: a usage error (64) where the model has no such classes, a bad configuration (78) where the run has no validation
  ///   rows, bad data (65) where rows of a class are missing, or the receipt was edited.
  @discardableResult
  public func decide(
    threshold rule: ThresholdRule?, calibration kind: Decision.CalibrationKind?, positive: String? = nil,
    on dataset: Dataset? = nil, file: String? = nil, tell: (String) -> Void = { _ in }
  ) throws -> Decision? {
    let receipt = try world.agree { world.rank == 0 ? try ownReceipt(tell) : nil }
    let hasReceipt = try world.allGather([receipt == nil ? 0 : 1])[0][0] == 1
    let settings = DecisionSettings(
      threshold: rule, calibration: kind, positive: positive, place: .command(path))
    let isNone = rule == nil && kind == nil
    let found = try isNone ? nil : fitted(settings, on: dataset, file: file, tell: tell)
    let decided = try hasReceipt ? found.map { try self.decided($0) } : nil
    try world.agree {
      guard world.rank == 0 else { return }
      try found?.write(toCheckpoint: path)
      if isNone { try Decision.remove(from: path) }
      try receipt?.deciding(decided).write(toRun: runDirectory)
    }
    decision = found
    return found
  }

  /// Fits a decision; nothing is written. All ranks call it, and get it.
  func fitted(
    _ settings: DecisionSettings, on own: Dataset? = nil, file: String? = nil, tell: (String) -> Void = { _ in }
  ) throws -> Decision {
    let dataset = try world.agree { try own ?? validationData() }
    try PreparedData.requireSame([dataset], [dataset.checksum], world)
    var origin = DecisionFitting.Origin(kind: .command)
    if own != nil {
      origin.file = file.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
      origin.input = try world.agree { try Self.input(file, dataset) }
    }
    let ready = try world.agree { try dataset.transformed(by: transforms) }
    return try fitting().decision(
      settings, on: ready, from: origin, weights: record.digest,
      baseline: { trainingSamples(tell: tell)?.baseline(of: $0) },
      tell: tell)
  }

  /// The same once more, as a decision says that it was fitted.
  func fitted(as decision: Decision) throws -> Decision {
    let settings = DecisionSettings(
      threshold: decision.threshold?.rule, calibration: decision.calibration?.kind, positive: decision.positive,
      place: .command(path))
    guard let file = decision.file else {
      guard decision.input == nil else {
        throw Failure(
          .usage, at: "\(path)/\(Decision.fileName)",
          "expected a decision that was fitted on validation rows or a file, found one of a program's own samples",
          cure: "have that program fit it again, or choose by a file with lockstep decide --data FILE")
      }
      return try fitted(settings)
    }
    return try fitted(settings, on: world.agree { try labelledData(file, labels: nil) }, file: file)
  }

  /// What the receipt tells of a decision, with the metrics of the run's own rows by it; the same on all ranks, all of which call it.
  func decided(_ decision: Decision) throws -> Receipt.Decided {
    let parts = try world.agree {
      try measuredData().map { ($0.name, try $0.data.transformed(by: transforms)) }
    }
    return decision.decided(figures: try fitting().figures(by: decision, on: parts) { trainingSamples { _ in } })
  }

  private func fitting() -> DecisionFitting {
    DecisionFitting(judge: sampleJudge())
  }

  /// `new.csv sha256:…`, and of what can be read only once the checksum of the samples.
  private static func input(_ file: String?, _ dataset: Dataset) throws -> String {
    guard let file, !FileEnds.isStream(file) else {
      return "samples checksum:" + RunRecord.text(ofChecksum: dataset.checksum)
    }
    let name = file.split(separator: "/").last.map(String.init) ?? file
    guard let regular = try? RegularFile(file) else {
      return "\(name) checksum:" + RunRecord.text(ofChecksum: dataset.checksum)
    }
    return "\(name) \(try regular.digest())"
  }

  /// The validation rows of the run.
  private func validationData() throws -> Dataset {
    if let data = try configuration.data.readValidation(seed: configuration.seed, like: schema) { return data }
    throw Failure(
      .badConfiguration, at: path, "the run has no validation rows to choose by",
      cure: "name a file of rows that it has not seen with --data, or train with split: {…: {validation: 0.1}}")
  }
}

/// The receipt of the run that a checkpoint is of.
extension Model {
  /// The folder that the checkpoint is in.
  var runDirectory: String {
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? "." : folder
  }

  /// The run's receipt; nil where there is none yet, or it is that of other weights. Throws where it was edited.
  func ownReceipt(_ tell: (String) -> Void) throws -> Receipt? {
    let file = "\(runDirectory)/\(Receipt.fileName)"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let receipt = try Receipt(ofRun: runDirectory)
    guard receipt.weights == record.digest else {
      tell("\(file) is that of other weights, and stays as it is")
      return nil
    }
    return receipt
  }

  /// What is to be said where the receipt of these weights tells of another decision than the one that there is; nil where they
  /// agree.
  func receiptNote() -> String? {
    guard let receipt = try? Receipt(ofRun: runDirectory), receipt.weights == record.digest else { return nil }
    let file = "\(runDirectory)/\(Receipt.fileName)"
    let cure = "choose once more with lockstep decide, which writes both"
    switch (decision, receipt.decision) {
    case (nil, nil): return nil
    case (nil, _): return "\(file) tells of a decision, and \(path)/\(Decision.fileName) is not there: \(cure)"
    case (let own?, let link):
      return own.isTold(by: link)
        ? nil : "\(file) tells \(link == nil ? "nothing" : "something else") of \(path)/\(Decision.fileName): \(cure)"
    }
  }
}
