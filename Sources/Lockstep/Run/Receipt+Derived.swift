import Checkpoints
import Diagnostics
import Files
import Foundation
import Tensors

/// Links of what is made of a trained model: a smaller one, or whole numbers of 8 bits.
///
/// `shrink` leaves a run of its own, whose receipt has all links of the run that was cut, up to its weights, and goes on: `shrink`, from
/// those weights to what is left of them, and the metrics of that. `quantise` adds a link to the run's own receipt.
extension Receipt {
  static let shrinkLink = "shrink"
  static let quantiseLink = "quantise"

  /// The receipt of what a model was cut to, which comes to `metrics`, a digest.
  func shrunk(to found: Shrinking, metrics: String) -> Receipt {
    var receipt = Receipt()
    for link in links.prefix(1 + (links.lastIndex { $0.output == found.of } ?? links.count - 1)) {
      receipt.add(link, output: link.output)
    }
    receipt.add(
      Self.shrinkLink, settings: found.settingsText, output: found.weights, inputs: ["weights \(found.of)"])
    receipt.add(Self.metricsLink, output: metrics)
    return receipt
  }

  /// The same run's receipt with what its weights were rounded to, in place of what they were before; nil: without.
  func quantised(to found: Quantisation?) -> Receipt {
    var receipt = Receipt()
    for link in links where link.name != Self.quantiseLink { receipt.add(link, output: link.output) }
    if let found {
      receipt.add(
        Self.quantiseLink, settings: "quantise\nrows: \(found.rows)\nlayers: \(found.layers.joined(separator: ", "))",
        output: found.digest,
        inputs: ["weights \(found.weights)"])
    }
    return receipt
  }

  /// Whether the model was cut.
  var isShrunk: Bool { links.contains { $0.name == Self.shrinkLink } }
  /// Whether these are the figures that it tells of; where there is a decision, before it.
  fileprivate func hasMetrics(of evaluations: [Evaluation]) -> Bool {
    let digest = Self.digest(of: evaluations)
    guard let link = links.first(where: { $0.name == Self.metricsLink }) else { return false }
    return link.output == digest || link.inputs?.contains(Self.measured + digest) ?? false
  }

  /// Whether it is this one that the receipt has a link of.
  fileprivate func tellsOf(_ found: Quantisation) -> Bool {
    links.contains { $0.name == Self.quantiseLink && $0.output == found.digest }
  }
  /// Whether it was rounded.
  var isQuantised: Bool { links.contains { $0.name == Self.quantiseLink } }
}

extension Shrinking {
  /// The command and what it did, a line each: the settings of its link.
  fileprivate var settingsText: String {
    (["shrink"] + layers.map { "\($0.place): \($0.from) to \($0.to)" }).joined(separator: "\n")
  }
}

extension Quantisation {
  /// The same layers of another model, by as many training rows.
  fileprivate func again(_ model: Model) throws -> Quantisation {
    try model.quantise(rows: rows, layers: layers.map { NamePattern($0) })
  }
}

extension Model {
  /// Loss and scores of all rows that the run measured itself on, as its receipt tells of them.
  func ownEvaluations() throws -> [Evaluation] {
    let measured = try measuredData()
    return try measured.enumerated().map { place, part in
      try evaluate(part.data, as: part.name, isWatched: place == 0, isLast: place == measured.count - 1)
    }
  }

  /// Writes the receipt of a smaller model of this one, which has one itself where this run has come to its end, and a decision where
  /// this model has one.
  ///
  /// A decision is fitted once more, by the same rule on the same rows: the outputs are those of before but for roundings. Where these
  /// rows are no longer there its numbers are taken over.
  func handDown(to small: Model, _ found: Shrinking) throws {
    var handed: Decision?
    if let decision {
      handed = (try? small.fitted(as: decision)) ?? decision.of(small.record.digest)
      try handed?.write(toCheckpoint: small.path)
    }
    guard let receipt = try ownReceipt({ _ in }) else { return }
    // The chain that is handed down is that of these data alone.
    guard receipt.hasMetrics(of: try ownEvaluations()) else {
      throw Failure(
        .badData, at: runDirectory, "expected the data that the run was measured on, found others",
        cure: "take these, and cut it once more: what is written has no receipt")
    }
    var own = receipt.shrunk(to: found, metrics: Receipt.digest(of: try small.ownEvaluations()))
    if let handed { own = own.deciding(try small.decided(handed)) }
    // What the run is computed again from.
    try configuration.resolved.write(toRunFile: "\(small.runDirectory)/\(Receipt.originName)")
    try own.write(toRun: small.runDirectory)
  }

  /// Tells the run's receipt, where it is of these weights, what they were rounded to.
  func tellReceipt(of found: Quantisation) throws {
    try ownReceipt { _ in }?.quantised(to: found).write(toRun: runDirectory)
  }
}

extension Receipt {
  /// The configuration of the run that was cut, in the folder of the smaller one.
  static let originName = "shrunk-from.yaml"
}

/// Computing these links again.
extension ReceiptCheck {
  /// The configuration that the weights were trained by, below which the rest follows.
  package var configurationPath: String {
    receipt.isShrunk ? "\(run)/\(Receipt.originName)" : "\(run)/config.yaml"
  }

  /// Makes of what was trained again in `folder/run` what the run is: cut, and rounded. Returns the folder.
  func derived(in folder: String) throws -> String {
    var path = "\(folder)/run"
    if receipt.isShrunk {
      let small = "\(folder)/shrunk"
      _ = try Model(path).shrink(to: small)
      path = small
    }
    if let own = try quantisation() { _ = try own.again(Model(path)) }
    return path
  }

  /// How the run's weights were rounded; nil where the receipt tells of none.
  private func quantisation() throws -> Quantisation? {
    let checkpoint = try Checkpoint.load(run).checkpoint
    let kept = try Quantisation(ifThereOf: checkpoint)
    guard receipt.isQuantised else {
      guard kept == nil else {
        throw Failure(
          .badData, at: "\(checkpoint.path)/\(Quantisation.fileName)",
          "expected none, as the receipt tells of none, found a quantisation",
          cure: "make it once more, which writes both: lockstep quantise \(run)")
      }
      return nil
    }
    guard let found = kept else {
      throw Failure(
        .badData, at: "\(checkpoint.path)/\(Quantisation.fileName)",
        "expected the quantisation that the receipt tells of, found none", cure: "make it: lockstep quantise \(run)")
    }
    // What is rounded again is not what the file says, which is what is used.
    guard receipt.tellsOf(found) else {
      throw Failure(
        .badData, at: "\(checkpoint.path)/\(Quantisation.fileName)",
        "expected the quantisation that the receipt tells of, found another: it was changed",
        cure: "make it once more: lockstep quantise \(run)")
    }
    return found
  }

  /// The same receipt with the weights rounded once more, in a copy of the checkpoint below `folder`.
  func quantisedAgain(_ found: Receipt, in folder: String) throws -> Receipt {
    guard let own = try quantisation() else { return found }
    let checkpoint = try Checkpoint.load(run).checkpoint.path
    let copy = "\(folder)/\(checkpoint.split(separator: "/").last ?? "step")"
    do {
      try FileManager.default.copyItem(atPath: checkpoint, toPath: copy)
    } catch {
      throw Failure(
        .inputOutput, at: copy, "expected a copy of \(checkpoint): \((error as NSError).localizedDescription)")
    }
    return found.quantised(to: try own.again(Model(copy)))
  }
}
