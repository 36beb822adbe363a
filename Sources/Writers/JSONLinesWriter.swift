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
  private let lines: JSONLines

  public init(_ form: PredictionForm, into file: OutputFile) { (self.file, lines) = (file, JSONLines(form)) }

  public func write(_ predictions: Predictions) throws { try file.write(contentsOf: lines.bytes(of: predictions)) }

  public static func lines(_ form: PredictionForm) -> (any PredictionLines)? { JSONLines(form) }
}

/// The objects of rows.
private struct JSONLines: PredictionLines {
  private let form: PredictionForm
  /// As they are written.
  private let classes: [String]
  /// `"probability of good": `
  private let keys: [String]
  private let kept: [String]

  init(_ form: PredictionForm) {
    self.form = form
    classes = (form.classes ?? []).map { "\"prediction\": " + quotedJSON($0) }
    keys = form.numbers.map { quotedJSON($0) + ": " }
    kept = form.kept.map { quotedJSON($0) + ": " }
  }

  func bytes(of predictions: Predictions) -> [UInt8] {
    let rows = predictions.count + predictions.problems.count
    let width = predictions.numbers.count / max(1, predictions.count)
    var (lines, sample) = ([UInt8](), 0)
    for row in 0..<rows {
      lines.append(UInt8(ascii: "{"))
      var isFirst = true
      func put(_ key: String, _ value: String = "") {
        if !isFirst { lines.append(text: ", ") }
        isFirst = false
        lines.append(text: key)
        lines.append(text: value)
      }
      for (key, column) in zip(kept, predictions.kept) { put(key, column[row].map(quotedJSON) ?? "null") }
      if !predictions.problems.isEmpty, let problem = predictions.problems[row] {
        put("\"problem\": ", quotedJSON(problem))
      } else {
        if !predictions.classes.isEmpty { put(classes[predictions.classes[sample]]) }
        for place in 0..<width {
          let number = predictions.numbers[sample * width + place]
          put(keys[place], number.isFinite ? form.text(number) : "null")
        }
        sample += 1
      }
      lines.append(text: "}\n")
    }
    return lines
  }
}
