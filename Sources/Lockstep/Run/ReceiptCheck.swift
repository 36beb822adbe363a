import Diagnostics
import Files
import Foundation
import Tensors

/// Computes the links of a run's receipt again.
package struct ReceiptCheck {
  /// Where the computation starts.
  package enum Link: String, CaseIterable, Sendable { case raw, prepared, weights }

  /// The run's own.
  package let receipt: Receipt
  private let run: String

  /// Reads the receipt in a run's directory; throws where there is none, or where it was edited.
  package init(run: String) throws { (self.run, receipt) = (run, try Receipt(ofRun: run)) }

  /// The receipt as it comes out now, from a link on; those before it are taken over.
  ///
  /// - Parameters:
  ///   - folder: for what is computed.
  ///   - train: trains the run's configuration, with these settings besides, into `folder/run`.
  package func receipt(from link: Link, in folder: String, train: ([String]) throws -> Void) throws -> Receipt {
    switch link {
    case .raw:
      // Elsewhere than what is prepared already.
      try train(hasPreparation ? ["data.table.keep-under=\(folder)/prepared"] : [])
      return try Receipt(ofRun: "\(folder)/run")
    case .prepared:
      try train([])
      return try Receipt(ofRun: "\(folder)/run")
    case .weights: return try measured()
    }
  }

  /// Whether the data were a table that was prepared.
  private var hasPreparation: Bool { receipt.links.contains { $0.name == "prepared" } }

  /// With the weights of the newest checkpoint, and what they are measured at.
  private func measured() throws -> Receipt {
    let model = try Model(run)
    let measured = try model.measuredData()
    let evaluations = try measured.enumerated().map { place, part in
      try model.evaluate(part.data, as: part.name, isWatched: place == 0, isLast: place == measured.count - 1)
    }
    var found = Receipt()
    for link in receipt.links {
      switch link.name {
      case "weights": found.add(link, output: model.record.digest)
      case "metrics": found.add(link, output: Receipt.digest(of: evaluations))
      default: found.add(link, output: link.output)
      }
    }
    return found
  }

  /// What could have changed, of a link that differs.
  package static func cure(of link: String) -> String {
    switch link {
    case "raw": "take the files that the run was trained on"
    case "schema": "compare config.yaml: columns, target, split or missing words were changed"
    case "split": "compare config.yaml: the seed or the split was changed"
    case "transform", "prepared": "compare config.yaml, and the versions in run.json"
    case "samples": "take the data that the run was trained on"
    case "weights":
      "compare config.yaml, the instruction set, and the versions in run.json; audit the host with lockstep audit"
    default: "the numbers were edited, or measured on other data: evaluate again"
    }
  }
}
