import Diagnostics
import Files
import Tensors

/// A JSON object a line (JSON lines, UTF-8): the predicted class, where one is, and the numbers under their names.
///
/// Numbers that JSON has no words for, infinities and NaN, are null.
public struct JSONLinesWriter: PredictionWriter {
  public static let kind = "jsonl"
  public static let summary = "a JSON object a line"

  private let file: OutputFile
  private let form: PredictionForm
  /// As they are written.
  private let classes: [String]
  /// `"probability of good": `
  private let keys: [String]
  private let kept: [String]

  public init(_ form: PredictionForm, into file: OutputFile) {
    (self.file, self.form) = (file, form)
    classes = (form.classes ?? []).map(quotedJSON)
    keys = form.numbers.map { quotedJSON($0) + ": " }
    kept = form.kept.map { quotedJSON($0) + ": " }
  }

  public func write(_ predictions: Predictions) throws {
    let width = predictions.numbers.count / max(1, predictions.count)
    for (row, (sample, problem)) in predictions.rows.enumerated() {
      var fields = zip(kept, predictions.kept).map { $0 + ($1[row].map(quotedJSON) ?? "null") }
      if let sample {
        if !predictions.classes.isEmpty { fields.append("\"prediction\": \(classes[predictions.classes[sample]])") }
        for place in 0..<width { fields.append(keys[place] + text(predictions.numbers[sample * width + place])) }
      } else {
        fields.append("\"problem\": \(quotedJSON(problem))")
      }
      try file.write("{\(fields.joined(separator: ", "))}\n")
    }
  }

  private func text(_ number: Float) -> String {
    guard number.isFinite else { return "null" }
    return form.decimals.map { fixed(Double(number), $0) } ?? "\(number)"
  }
}
