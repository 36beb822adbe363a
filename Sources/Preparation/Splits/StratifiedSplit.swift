import Configuration
import Diagnostics

/// Rows by chance, the same shares of every class.
struct StratifiedSplit: Split {
  static let kind = "stratified"
  static let summary = "rows by chance, the same shares of each class"

  let shares: Shares
  /// Nil: the target.
  let column: String?

  init(_ settings: ConfigReader) throws {
    shares = try Shares(settings)
    column = try settings.optionalString("by")
  }

  var columns: [ColumnRequest] { column.map { [ColumnRequest($0, .words)] } ?? [] }

  func parts(of table: SplitTable, seed: UInt64) throws -> [Part] {
    guard let column = columns.first ?? table.targets.first, column.storage == .words else {
      throw Failure(
        .badConfiguration, at: "split.stratified", "expected classes to go by, found a target of numbers",
        cure: "name a column of classes as by, or use random")
    }
    guard case .codes(let codes, let words) = table.table.columns[column]! else { return [] }
    var parts = [Part](repeating: .train, count: table.count)
    let draw = RowDraw(shares: shares, keys: RowKeys(seed: seed))
    try draw.divide(&parts, groups: words.count + 1, by: table.team) { rows, body in
      codes.forEachBlock(in: rows) { start, block in
        // What is missing is a class of its own.
        for (place, code) in block.enumerated() { body(start + place, code >= 0 ? Int(code) : words.count) }
      }
    }
    return parts
  }
}
