import Datasets
import Diagnostics
import Files
import Foundation
import Tensors

extension Model {
  /// Reads a file with targets, in the form that the model was trained on.
  public func labelledData(_ path: String, labels: String?) throws -> Dataset {
    OutOfMemory.note("reading \(path)")
    if case .idx(_, _, let target) = configuration.data {
      guard let labels else {
        let what = if case .values = target { "targets" } else { "labels" }
        throw Failure(.usage, at: path, "expected \(what) beside the images", cure: "name their file with --labels")
      }
      return try target.read(.init(images: path, targets: labels), names: record.classes)
    }
    guard labels == nil else {
      throw Failure(
        .usage, at: "--labels",
        "expected none, as the model was trained on a table or text, which has its targets in it",
        cure: "leave it out")
    }
    if case .text(_, let settings) = configuration.data {
      return try Dataset.text(path, settings, part: .all, names: record.classes)
    }
    let target: Dataset.TableTarget =
      if case .csv(_, _, let target, _, _) = configuration.data { target } else { .classes() }
    return try table(path, target.naming(classes: record.classes, columns: record.targets))
  }

  /// Reads a file without targets; those of a table are passed over.
  public func unlabelledData(_ path: String) throws -> Dataset {
    OutOfMemory.note("reading \(path)")
    if case .idx = configuration.data { return try Dataset.idx(images: path) }
    if case .text = configuration.data {
      throw Failure(
        .usage, at: self.path, "a model of text has no rows to predict", cure: "let it write: lockstep generate")
    }
    return try table(path, .none)
  }

  /// A table whose columns are those of the training data.
  private func table(_ path: String, _ target: Dataset.TableTarget) throws -> Dataset {
    let header: Bool? = if case .csv(_, _, _, _, let header) = configuration.data { header } else { nil }
    return try Dataset.csv(
      path, target: target, features: record.features, header: header, wide: standardisation.wideColumns)
  }

  /// Writes the predictions for `dataset` as CSV; returns how many rows.
  ///
  /// The file is written under a temporary name and renamed, so that a failure leaves no half of it.
  @discardableResult
  public func writePredictions(of dataset: Dataset, to path: String) throws -> Int {
    let outputs = try predict(dataset)
    let width = outputShape.count
    var text = header(width).map(Self.quoted).joined(separator: ",") + "\n"
    for sample in 0..<dataset.count {
      text += row(outputs.view[sample * width..<(sample + 1) * width]).map(Self.quoted).joined(separator: ",") + "\n"
    }
    try text.write(toRunFile: path)
    return dataset.count
  }

  private func header(_ width: Int) -> [String] {
    switch configuration.loss {
    case .softmaxCrossEntropy: ["prediction"] + (record.classes ?? []).map { "probability of \($0)" }
    case .sigmoidCrossEntropy where record.classes != nil: ["prediction", "probability of \(record.classes![1])"]
    case .sigmoidCrossEntropy: numbered("probability", width)
    case .meanSquaredError, .meanAbsoluteError, .huber: numbered("prediction", width)
    }
  }

  /// The columns of several targets have the names of theirs.
  private func numbered(_ word: String, _ width: Int) -> [String] {
    if width == 1 { return [word] }
    if let targets = record.targets, targets.count == width { return targets }
    return (0..<width).map { "\(word) \($0)" }
  }

  private func row(_ outputs: FloatView) -> [String] {
    let numbers = outputs.array.map { "\($0)" }
    switch (configuration.loss, record.classes) {
    case (.softmaxCrossEntropy, let classes?): return [classes[largest(outputs)]] + numbers
    case (.sigmoidCrossEntropy, let classes?): return [classes[outputs[0] > 0.5 ? 1 : 0]] + numbers
    default: return numbers
    }
  }

  /// A cell as RFC 4180 wants it.
  private static func quoted(_ cell: String) -> String {
    let isPlain = !cell.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
