import Diagnostics
import Files
import Tensors

/// An array of NumPy (`.npy`), a row for each row: the numbers as 32-bit floats, or the places of the predicted classes as 32-bit
/// integers where no numbers are written.
///
/// A row with a problem is NaN, or -1.
public struct NpyWriter: PredictionWriter {
  public static let kind = "npy"
  public static let summary = "an array of NumPy: the numbers, or the places of the classes"

  private let file: OutputFile
  /// Numbers of a row; nil: its class is written.
  private let width: Int?
  private var rows = 0

  public init(_ form: PredictionForm, into file: OutputFile) throws {
    self.file = file
    if let column = form.kept.first {
      throw Failure(
        .usage, at: file.path,
        "expected no columns that are kept, as an array has no room for texts, found '\(column)'",
        cure: "write csv, jsonl or parquet")
    }
    width = form.numbers.isEmpty ? nil : form.numbers.count
    try file.write(contentsOf: header)
  }

  private var header: [UInt8] {
    width.map { ArrayHeader.bytes(Float.self, rows: rows, width: $0) }
      ?? ArrayHeader.bytes(Int32.self, rows: rows, width: nil)
  }

  public mutating func write(_ predictions: Predictions) throws {
    var words: [UInt32] = []
    for (sample, _) in predictions.rows {
      rows += 1
      guard let width else {
        words.append(UInt32(bitPattern: Int32(sample.map { predictions.classes[$0] } ?? -1)).littleEndian)
        continue
      }
      for place in 0..<width {
        words.append((sample.map { predictions.numbers[$0 * width + place] } ?? .nan).bitPattern.littleEndian)
      }
    }
    try words.withUnsafeBytes { try file.write(contentsOf: $0) }
  }

  public mutating func finish() throws { try file.rewriteStart(header) }
}
