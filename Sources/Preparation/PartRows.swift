import Diagnostics
import Files
import Formats
import Foundation
import Host
import Tables
import Tensors

/// The raw rows that a part's samples were made of, in their order: what any column of the table holds, whether it is a feature
/// or not.
package struct PartRows: Sendable {
  /// The sources, each with the lines or numbers of the part's rows in it.
  private let places: [(path: String, numbers: [Int64])]
  private let source: any TableFormat
  /// Texts that stand for a missing value.
  private let missing: Set<String>

  fileprivate init(_ part: Part, of divided: DividedTable, _ source: any TableFormat, missing: Set<String>) {
    (self.source, self.missing) = (source, missing)
    let table = divided.table
    places = table.sources.indices.map { number in
      let rows = (table.starts[number]..<table.starts[number + 1]).filter { divided.parts[$0] == part }
      return (table.sources[number], rows.map { table.numbers[$0] })
    }
  }

  package var count: Int { places.reduce(0) { $0 + $1.numbers.count } }

  /// The names of all columns.
  package func columns() throws -> [String] { try places.first.map { try source.columnNames(of: $0.path) } ?? [] }

  /// Reads the sources once, and gives what columns hold in each row: nil where there is nothing.
  ///
  /// Throws bad data (65) where one of the columns is none, or where the rows are not there any more.
  package func forEachRow(_ columns: [String], _ body: (_ row: Int, _ texts: [String?]) throws -> Void) throws {
    let requests = columns.map { ColumnRequest($0, .words) }
    var count = 0
    for (path, numbers) in places {
      let reader = try source.open(path, columns: Set(columns))
      let places = try Collector.places(of: requests, in: reader.fields, of: path) { try source.columnNames(of: path) }
      var next = numbers[...]
      while let number = next.first, let chunk = try reader.next(most: Collector.chunk) {
        SignsOfLife.note()
        guard chunk.count > 0, chunk.places.number(chunk.count - 1) >= Int(number) else { continue }
        let cells = places.map { (texts: chunk.columns[$0].texts, isMissing: chunk.columns[$0].isMissing) }
        for row in 0..<chunk.count where next.first.map({ Int($0) == chunk.places.number(row) }) ?? false {
          next.removeFirst()
          let texts = cells.map { column -> String? in
            guard column.isMissing.isEmpty || !column.isMissing[row] else { return nil }
            let text = column.texts[row]
            return missing.contains(text) ? nil : text
          }
          try body(count, texts)
          count += 1
        }
      }
      guard next.isEmpty else {
        throw Failure(
          .badData, at: path, "expected row \(next.first!), found none", cure: "take the data that were prepared")
      }
    }
  }
}

extension TablePreparer {
  /// The raw rows of a part of what was prepared. The table is read and divided for this again.
  ///
  /// Throws bad data (65) where that gives other rows than `summary` tells of.
  package func rows(of part: Part, like summary: PreparedTable.Summary) throws -> PartRows {
    try withDividedTable { divided, raw, source in
      guard try raw().digest.description == summary.raw, divided.digest.description == summary.split else {
        throw Failure(
          .badData, at: divided.table.sources.first, "expected the rows that were prepared, found others",
          cure: "take the data that the model was trained on")
      }
      return PartRows(part, of: divided, source, missing: settings.missing)
    }
  }
}
