import Configuration
import Diagnostics

/// As a column says: `train`, `validation` or `test`.
struct FixedSplit: Split {
  static let kind = "fixed"
  static let summary = "as a column says: train, validation or test"

  let column: String

  init(_ settings: ConfigReader) throws { column = try settings.string("by") }

  var columns: [ColumnRequest] { [ColumnRequest(column, .words)] }

  private static let words: [String: Part] = [
    "train": .train, "training": .train, "0": .train, "validation": .validation, "valid": .validation, "1": .validation,
    "test": .test, "testing": .test, "2": .test,
  ]

  func parts(of table: SplitTable, seed: UInt64) throws -> [Part] {
    guard case .codes(let codes, let words) = table.table.columns[columns[0]]! else { return [] }
    let parts = words.map { Self.words[$0.lowercased()] }
    var ofRows: [Part] = []
    ofRows.reserveCapacity(codes.count)
    try codes.forEachBlock { start, block in
      for (place, code) in block.enumerated() {
        if code >= 0, let part = parts[Int(code)] {
          ofRows.append(part)
          continue
        }
        throw Failure(
          .badData, at: table.table.place(of: start + place),
          "column '\(column)': expected train, validation or test, found \(code >= 0 ? "'\(words[Int(code)])'" : "nothing")",
          cure: "correct it, or use another split")
      }
    }
    return ofRows
  }
}
