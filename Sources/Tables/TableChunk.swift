/// Some rows of a table, column by column.
public struct TableChunk: Sendable {
  /// How many rows.
  public let count: Int
  /// In the order of the reader's fields, each of `count` rows.
  public let columns: [RawColumn]
  /// Where the rows stand, for messages.
  public let places: RowPlaces
  /// Rows that could not be read, in ascending order; their cells hold anything.
  public let faults: [RowFault]

  public init(count: Int, columns: [RawColumn], places: RowPlaces, faults: [RowFault] = []) {
    for column in columns {
      precondition(column.values.count == count, "\(column.values.count) rows in a chunk of \(count)")
    }
    (self.count, self.columns, self.places, self.faults) = (count, columns, places, faults)
  }
}

/// Where the rows of a chunk stand.
public struct RowPlaces: Sendable, Equatable {
  /// A path, or what else a source is called.
  public let source: String
  /// The line of each row, from 1; empty: rows are numbered from `first`.
  package let lines: [Int]
  /// The number of the first row in its source, from 1.
  package let first: Int

  /// Rows that have a line each.
  public init(_ source: String, lines: [Int]) { (self.source, self.lines, first) = (source, lines, 1) }

  /// Rows that are counted, the first of them as `first`.
  public init(_ source: String, first: Int) { (self.source, lines, self.first) = (source, [], first) }

  /// Its line, or its number, from 1.
  public func number(_ row: Int) -> Int { lines.isEmpty ? first + row : lines[row] }

  /// `credit.csv:17`, or `credit.parquet, row 17`
  public func description(_ row: Int) -> String {
    lines.isEmpty ? "\(source), row \(number(row))" : "\(source):\(number(row))"
  }
}

/// Why a row cannot be used.
public struct RowFault: Sendable, Equatable {
  /// Its place in the chunk.
  public let row: Int
  /// The column at fault; nil: the row as a whole.
  public let column: String?
  /// What was expected, and what was found.
  public let reason: String

  public init(row: Int, column: String? = nil, _ reason: String) {
    (self.row, self.column, self.reason) = (row, column, reason)
  }
}
