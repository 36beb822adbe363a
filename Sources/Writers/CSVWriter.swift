import Diagnostics
import Files
import Tables
import Tensors

/// A table in CSV format (RFC 4180): the predicted class, where one is, and the numbers under their names.
public struct CSVWriter: PredictionWriter {
  public static let kind = "csv"
  public static let summary = "a table in CSV format"

  private let file: OutputFile
  /// As they are written.
  private let classes: [[UInt8]]
  private let decimals: Int?
  private let tellsProblems: Bool
  /// How many cells stand in front of a row's problem.
  private let width: Int

  public init(_ form: PredictionForm, into file: OutputFile) throws {
    (self.file, decimals, tellsProblems) = (file, form.decimals, form.tellsProblems)
    classes = (form.classes ?? []).map { Array(quotedCell($0).utf8) }
    let predicted = (form.classes == nil ? [] : ["prediction"]) + form.numbers
    width = predicted.count
    var columns = form.kept + predicted
    if form.tellsProblems { columns.append("problem") }
    try file.write(columns.map(quotedCell).joined(separator: ",") + "\n")
  }

  public func write(_ predictions: Predictions) throws {
    let width = predictions.numbers.count / max(1, predictions.count)
    var line: [UInt8] = []
    for (row, (sample, problem)) in predictions.rows.enumerated() {
      line.removeAll(keepingCapacity: true)
      for column in predictions.kept {
        line += quotedCell(column[row] ?? "").utf8
        line.append(UInt8(ascii: ","))
      }
      guard let sample else {
        line += (String(repeating: ",", count: self.width) + quotedCell(problem) + "\n").utf8
        try file.write(contentsOf: line)
        continue
      }
      if !predictions.classes.isEmpty { line += classes[predictions.classes[sample]] }
      for place in 0..<width {
        if place > 0 || !predictions.classes.isEmpty { line.append(UInt8(ascii: ",")) }
        line += text(predictions.numbers[sample * width + place]).utf8
      }
      // Behind the columns that are kept stands nothing else.
      if width == 0, predictions.classes.isEmpty, line.last == UInt8(ascii: ",") { line.removeLast() }
      if tellsProblems { line.append(UInt8(ascii: ",")) }
      line.append(UInt8(ascii: "\n"))
      try file.write(contentsOf: line)
    }
  }

  private func text(_ number: Float) -> String {
    decimals.map { fixed(Double(number), $0) } ?? "\(number)"
  }
}
