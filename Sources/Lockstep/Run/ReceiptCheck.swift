import Checkpoints
import Diagnostics
import Files
import Foundation
import Sources
import Tensors

/// Computes the links of a run's receipt again.
package struct ReceiptCheck {
  /// Where the computation starts.
  package enum Link: String, CaseIterable, Sendable { case raw, prepared, weights }

  /// The run's own.
  package let receipt: Receipt
  let run: String

  /// Reads the receipt in a run's directory; throws where there is none, or where it was edited.
  package init(run: String) throws { (self.run, receipt) = (run, try Receipt(ofRun: run)) }

  /// The receipt as it comes out now, from a link on; those before it are taken over.
  ///
  /// - Parameters:
  ///   - folder: for what is computed.
  ///   - train: trains the run's configuration, the file `configurationPath`, with these settings besides, into `folder/run`.
  package func receipt(from link: Link, in folder: String, train: ([String]) throws -> Void) throws -> Receipt {
    let own = try ownDecision()
    // One that was chosen by hand is chosen again afterwards, and one that was taken away is not fitted.
    var settings = own?.isOfConfiguration == true ? [] : ["decide=null"]
    // What a student is compared with changes no link, and may be gone.
    if link != .weights, try configuration().settings.contains(where: { $0.path == "teacher.beside" }) {
      settings.append("teacher.beside=null")
    }
    switch link {
    case .raw:
      // Elsewhere than what is prepared already.
      try train(settings + (hasPreparation ? try elsewhere(folder) : []))
      return try trained(in: derived(in: folder), own)
    case .prepared:
      let (prepared, kind) = (try preparedFolder(), try sourceKind)
      try train(settings + (prepared.map { ["data.\(kind).prepared=\($0)"] } ?? []))
      return try trained(in: derived(in: folder), own)
    case .weights: return try quantisedAgain(measured(own), in: folder)
    }
  }

  private func configuration() throws -> RunConfiguration { try RunConfiguration(recipeOrFile: configurationPath) }

  /// The word of the run's source.
  private var sourceKind: String { get throws { type(of: try configuration().data).kind } }

  /// Settings by which nothing is found that is prepared already.
  private func elsewhere(_ folder: String) throws -> [String] {
    let configuration = try configuration()
    let place = "data.\(type(of: configuration.data).kind)"
    let isNamed = configuration.settings.contains { $0.path == "\(place).prepared" }
    return ["\(place).keep-under=\(folder)/prepared"] + (isNamed ? ["\(place).prepared=null"] : [])
  }

  /// Whether the data were prepared.
  private var hasPreparation: Bool { receipt.links.contains { $0.name == "prepared" } }

  /// The decision beside the run's weights, of which the receipt tells; nil where both know of none.
  ///
  /// Throws bad data (65) where one of them knows of one alone: what was left by a process that ended between writing the two.
  private func ownDecision() throws -> Decision? {
    func torn(_ folder: String, _ fault: String) -> Failure {
      Failure(
        .badData, at: "\(folder)/\(Decision.fileName)", fault,
        cure: "choose once more with lockstep decide, which writes both")
    }
    guard receipt.decision != nil else {
      guard let path = (try? Checkpoint.load(run))?.checkpoint.path,
        FileManager.default.fileExists(atPath: "\(path)/\(Decision.fileName)")
      else { return nil }
      throw torn(path, "expected no decision, as the receipt tells of none, found one")
    }
    let checkpoint = try Checkpoint.load(run).checkpoint
    guard let own = try Decision(besideWeightsOf: checkpoint) else {
      throw torn(checkpoint.path, "expected the decision that the receipt tells of, found none")
    }
    return own
  }

  /// Of what was trained again.
  private func trained(in folder: String, _ own: Decision?) throws -> Receipt {
    let found = try Receipt(ofRun: folder)
    guard let own else { return found }
    let model = try Model(folder)
    return found.deciding(try decided(by: model, own, as: own.isOfConfiguration ? model.decision : nil))
  }

  /// Where the run's prepared data lie, by what the receipt says of the raw ones; nil where the run had none.
  private func preparedFolder() throws -> String? {
    guard hasPreparation, let raw = receipt.links.first(where: { $0.name == "raw" }) else { return nil }
    let configuration = try configuration()
    guard let folder = configuration.data.preparedFolder(ofRaw: raw.output, seed: configuration.seed) else {
      return nil
    }
    guard exists(folder) else {
      throw Failure(
        .missingInput, at: folder, "expected the prepared data of \(run), found none",
        cure: "start where they were prepared, or from the raw data: --from raw")
    }
    return folder
  }

  /// With the weights of the newest checkpoint, and what they are measured at.
  private func measured(_ own: Decision?) throws -> Receipt {
    let model = try Model(run)
    let evaluations = try model.ownEvaluations()
    let last = receipt.isShrunk ? Receipt.shrinkLink : "weights"
    var found = Receipt()
    for link in receipt.links where link.name != Receipt.decisionLink {
      switch link.name {
      case last: found.add(link, output: model.record.digest)
      case "metrics": found.add(link.name, output: Receipt.digest(of: evaluations))
      default: found.add(link, output: link.output)
      }
    }
    return try found.deciding(own.map { try decided(by: model, $0) })
  }

  /// What the receipt is to tell of a decision that is fitted again, by a model.
  ///
  /// Where it comes out as the receipt says, but something else stands in the run's `decision.json`, it is that file which differs.
  private func decided(by model: Model, _ own: Decision, as known: Decision? = nil) throws -> Receipt.Decided {
    let again = try known ?? model.fitted(as: own)
    var decided = try model.decided(again)
    if again.isTold(by: receipt.decision), !own.isTold(by: receipt.decision) {
      decided = own.decided(figures: decided.figures)
    }
    return decided
  }

  /// What could have changed, of a link that differs.
  package static func cure(of link: String) -> String {
    switch link {
    case "raw": "take the files that the run was trained on"
    case "schema": "compare config.yaml: columns, target, split or missing words were changed"
    case "split": "compare config.yaml: the seed or the split was changed"
    case "transform", "prepared": "compare config.yaml, and the versions in run.json"
    case "samples": "take the data that the run was trained on"
    case Receipt.startLink: "start from the weights that the run started from: compare start-from in config.yaml"
    case Receipt.teacherLink: "take the teacher that the run was taught by: compare teacher in config.yaml"
    case Receipt.shrinkLink: "the model was cut of other weights, or edited: cut it again with lockstep shrink"
    case Receipt.quantiseLink: "quantisation.json was edited, or made otherwise: make it again with lockstep quantise"
    case Receipt.decisionLink:
      "decision.json or decide in config.yaml was edited, or other rows were given: choose again with lockstep decide"
    case "weights":
      "compare config.yaml and the versions in run.json; audit the host with lockstep audit"
    default: "the numbers were edited, or measured on other data: evaluate again"
    }
  }
}
