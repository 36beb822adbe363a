import Diagnostics
import Files
import Tables
import Tensors

/// A table in CSV format (RFC 4180): the predicted class, where one is, and the numbers under their names.
public struct CSVWriter: PredictionWriter {
  public static let kind = "csv"
  public static let summary = "a table in CSV format"

  private let file: OutputFile
  private let lines: CSVLines

  public init(_ form: PredictionForm, into file: OutputFile) throws {
    (self.file, lines) = (file, CSVLines(form))
    try file.write(lines.header)
  }

  public func write(_ predictions: Predictions) throws { try file.write(contentsOf: lines.bytes(of: predictions)) }

  public static func lines(_ form: PredictionForm) -> (any PredictionLines)? { CSVLines(form) }
}

/// The records of rows.
struct CSVLines: PredictionLines {
  private let form: PredictionForm
  /// As they are written.
  private let classes: [[UInt8]]
  /// The names of the columns that are predicted.
  private let predicted: [String]

  init(_ form: PredictionForm) {
    self.form = form
    classes = (form.classes ?? []).map { Array(quotedCell($0).utf8) }
    predicted = (form.classes == nil ? [] : ["prediction"]) + form.numbers
  }

  var header: String {
    let columns = form.kept + predicted + (form.tellsProblems ? ["problem"] : [])
    return columns.map(quotedCell).joined(separator: ",") + "\n"
  }

  func bytes(of predictions: Predictions) -> [UInt8] {
    let rows = predictions.count + predictions.problems.count
    let width = predictions.numbers.count / max(1, predictions.count)
    var (lines, sample) = ([UInt8](), 0)
    lines.reserveCapacity(rows * (16 + 12 * width))
    for row in 0..<rows {
      for column in predictions.kept {
        lines.append(text: quotedCell(column[row] ?? ""))
        lines.append(UInt8(ascii: ","))
      }
      if !predictions.problems.isEmpty, let problem = predictions.problems[row] {
        lines.append(text: String(repeating: ",", count: predicted.count) + quotedCell(problem) + "\n")
        continue
      }
      let hasClass = !predictions.classes.isEmpty
      if hasClass { lines += classes[predictions.classes[sample]] }
      for place in 0..<width {
        if place > 0 || hasClass { lines.append(UInt8(ascii: ",")) }
        lines.append(text: form.text(predictions.numbers[sample * width + place]))
      }
      // Behind the columns that are kept stands nothing else.
      if width == 0, !hasClass, lines.last == UInt8(ascii: ",") { lines.removeLast() }
      if form.tellsProblems { lines.append(UInt8(ascii: ",")) }
      lines.append(UInt8(ascii: "\n"))
      sample += 1
    }
    return lines
  }
}
