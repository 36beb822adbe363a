import Diagnostics
import Files
import Tables

/// The rows that a model may be fitted to, and nothing else of a table: only a division can make it.
///
/// What is fitted takes a `TrainingColumn`, and that shows no other row, so that the compiler refuses statistics of rows that
/// a model is measured on.
public struct TrainingRows: Sendable {
  fileprivate let table: CollectedTable
  fileprivate let parts: [Part]
  /// How many.
  public let count: Int
}

/// A table's rows, each in its part.
package struct DividedTable: Sendable {
  package let table: CollectedTable
  package let parts: [Part]

  /// Divides the rows of a table; throws where none is left to train on.
  package init(_ table: CollectedTable, by split: any Split, targets: [ColumnRequest], seed: UInt64) throws {
    self.table = table
    parts = try split.parts(of: SplitTable(table: table, targets: targets), seed: seed)
    precondition(
      parts.count == table.count, "\(type(of: split).kind) gave parts of \(parts.count) of \(table.count) rows")
    guard parts.contains(.train) else {
      throw Failure(
        .badData, at: table.sources.first, "expected rows to train on, found none of \(grouped(table.count))",
        cure: table.count == 0
          ? "each row lacks a target, or another value that it needs" : "give smaller shares to validation and test")
    }
  }

  package var training: TrainingRows {
    TrainingRows(table: table, parts: parts, count: parts.count { $0 == .train })
  }

  package func count(of part: Part) -> Int { parts.count { $0 == part } }
}

/// One column of the rows that a model may be fitted to.
public struct TrainingColumn {
  public let name: String
  private let column: ColumnRequest
  private let rows: TrainingRows

  package init(_ column: ColumnRequest, of rows: TrainingRows) {
    (name, self.column, self.rows) = (column.name, column, rows)
  }

  /// How many rows, those without a value among them.
  public var count: Int { rows.count }

  /// A failure of this column's training values.
  public func failure(_ fault: String, cure: String) -> Failure {
    Failure(.badData, at: rows.table.sources.first, "column '\(name)': \(fault)", cure: cure)
  }

  /// Throws where two of the words are one to a reader, but have other bytes: composed and decomposed letters.
  func requireOneSpelling(_ words: [String]) throws {
    var seen: Set<String> = []
    guard let twin = words.first(where: { !seen.insert($0).inserted }) else { return }
    throw failure(
      "expected one spelling of each word, found '\(twin)' with composed and with decomposed letters",
      cure: "write the column in one form of Unicode (NFC)")
  }

  /// The numbers that there are, in the order of the rows.
  public var numbers: [Double] {
    guard case .numbers(let values) = rows.table.columns[column]! else { return [] }
    return those(values) { !$0.isNaN }
  }

  /// Of rows of several numbers, how many each has.
  public var width: Int {
    if case .vectors(_, let width) = rows.table.columns[column]! { width } else { 0 }
  }

  /// Of rows of several numbers, that at a place in each row that has some, in the order of the rows.
  public func numbers(at place: Int) -> [Double] {
    guard case .vectors(let values, let width) = rows.table.columns[column]! else { return [] }
    return values.withUnsafeBufferPointer { values in
      rows.parts.indices.compactMap { row in
        let number = values[row * width + place]
        return rows.parts[row] == .train && !number.isNaN ? number : nil
      }
    }
  }

  /// The points in time that there are, in microseconds since 1970-01-01 00:00 UTC, in the order of the rows.
  public var instants: [Int64] {
    guard case .instants(let values) = rows.table.columns[column]! else { return [] }
    return those(values) { $0 != CodedColumn.missingInstant }
  }

  /// Gives `body` the texts that there are, in the order of the rows: they may be more than memory holds.
  public func forEachText(_ body: (String) -> Void) {
    guard case .texts(let texts) = rows.table.columns[column]! else { return }
    for (row, part) in rows.parts.enumerated() where part == .train { if let text = texts[row] { body(text) } }
  }

  /// The training rows' values for which `isThere` is true.
  private func those<Value: ArrayElement>(_ values: MappedArray<Value>, _ isThere: (Value) -> Bool) -> [Value] {
    values.withUnsafeBufferPointer { values in
      var found: [Value] = []
      found.reserveCapacity(rows.count)
      for (row, part) in rows.parts.enumerated() where part == .train && isThere(values[row]) {
        found.append(values[row])
      }
      return found
    }
  }

  /// The words that there are and how often, by value where all are numbers, else by their UTF-8 bytes.
  public var words: [(word: String, count: Int)] {
    guard case .codes(let codes, let words) = rows.table.columns[column]! else { return [] }
    var counts = [Int](repeating: 0, count: words.count)
    codes.withUnsafeBufferPointer { codes in
      for (row, part) in rows.parts.enumerated() where part == .train && codes[row] >= 0 {
        counts[Int(codes[row])] += 1
      }
    }
    // The order is that of these words alone, whatever stands in other rows.
    let own = counts.indices.filter { counts[$0] > 0 }
    return wordOrder(own.map { words[$0] }).map { (words[own[$0]], counts[own[$0]]) }
  }
}
