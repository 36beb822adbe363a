import Files
import Parquet
import Tables
import Tensors

/// A Parquet file: columns of the input that are kept, as text, the predicted class as text, where one is, the numbers as 32-bit floats under their names, and the problem.
///
/// A row with a problem has nothing in its other columns; the others have no problem.
public struct ParquetPredictionWriter: PredictionWriter {
  public static let kind = "parquet"
  public static let summary = "a Parquet file, packed by zstd"

  private let writer: ParquetWriter
  private let form: PredictionForm

  public init(_ form: PredictionForm, into file: OutputFile) throws {
    self.form = form
    var columns = form.kept.map { ParquetColumn($0, .text) }
    if form.classes != nil { columns.append(ParquetColumn("prediction", .text)) }
    columns += form.numbers.map { ParquetColumn($0, .float) }
    if form.tellsProblems { columns.append(ParquetColumn("problem", .text)) }
    writer = try ParquetWriter(into: file, columns)
  }

  public func write(_ predictions: Predictions) throws {
    let (rows, width) = (predictions.rows, form.numbers.count)
    let isMissing = predictions.problems.isEmpty ? [] : rows.map { $0.sample == nil }
    var columns: [(values: ParquetColumn.Values, isMissing: [Bool])] = predictions.kept.map { column in
      (.texts(TextCells(column.map { $0 ?? "" })), column.map { $0 == nil })
    }
    if let classes = form.classes {
      let names = rows.map { row in row.sample.map { classes[predictions.classes[$0]] } ?? "" }
      columns.append((.texts(TextCells(names)), isMissing))
    }
    for place in 0..<width {
      let numbers = rows.map { row in row.sample.map { predictions.numbers[$0 * width + place] } ?? 0 }
      columns.append((.floats(numbers), isMissing))
    }
    if form.tellsProblems {
      columns.append((.texts(TextCells(rows.map(\.problem))), rows.map { $0.sample != nil }))
    }
    try writer.write(columns)
  }

  public func finish() throws { try writer.finish() }
}
