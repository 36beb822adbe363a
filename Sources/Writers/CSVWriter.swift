import Diagnostics
import Files
import Tensors

/// A table in CSV format (RFC 4180): the predicted class, where one is, and the numbers under their names.
public struct CSVWriter: PredictionWriter {
  public static let kind = "csv"
  public static let summary = "a table in CSV format"

  private let file: OutputFile
  /// As they are written.
  private let classes: [[UInt8]]
  private let decimals: Int?

  public init(_ form: PredictionForm, into file: OutputFile) throws {
    (self.file, decimals) = (file, form.decimals)
    classes = (form.classes ?? []).map { Array(quotedCell($0).utf8) }
    let columns = (form.classes == nil ? [] : ["prediction"]) + form.numbers
    try file.write(columns.map(quotedCell).joined(separator: ",") + "\n")
  }

  public func write(_ predictions: Predictions) throws {
    let width = predictions.numbers.count / max(1, predictions.count)
    var line: [UInt8] = []
    for sample in 0..<predictions.count {
      line.removeAll(keepingCapacity: true)
      if !predictions.classes.isEmpty { line += classes[predictions.classes[sample]] }
      for place in 0..<width {
        if !line.isEmpty { line.append(UInt8(ascii: ",")) }
        line += text(predictions.numbers[sample * width + place]).utf8
      }
      line.append(UInt8(ascii: "\n"))
      try file.write(contentsOf: line)
    }
  }

  private func text(_ number: Float) -> String {
    decimals.map { fixed(Double(number), $0) } ?? "\(number)"
  }
}

/// A cell of a table as RFC 4180 wants it.
package func quotedCell(_ cell: String) -> String {
  let isPlain = !cell.contains { $0 == "," || $0 == "\"" || $0.isNewline }
  return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
}
