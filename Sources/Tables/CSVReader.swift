import CTables
import Diagnostics
import Files

/// The rows of a CSV file (RFC 4180), packed by gzip or zstd or not: every column a text.
///
/// ```swift
/// let reader = try CSVReader("credit.csv")
/// reader.fields.map(\.name)  // ["Status", "Seniority", …]
/// while let rows = try reader.next(most: 4096) { … }
/// ```
///
/// Cells may be quoted, quotes in them doubled, and line breaks within quotes count as lines. Lines end with LF, CRLF or CR,
/// the last one or not. A byte order mark and empty lines are passed over, spaces around an unquoted cell left out. Records
/// with another number of cells than the first one, and such that break the rules of quoting, are faults of their rows.
package final class CSVReader: TableReader {
  package let fields: [RawField]
  private let names: [String]
  /// Places in a record of the fields.
  private let columns: [Int]
  private var source: CSVBytes
  private var path: String { source.path }
  private var scanner: ct_scanner
  private var piece: CSVPiece?
  /// Rows of the piece that were given out.
  private var given = 0

  /// Opens a file, and reads its header; `columns` are those that are wanted, nil: all.
  ///
  /// Throws a missing input (66) where there is no such file, and bad data (65) where its header is no header.
  package init(
    _ path: String, _ dialect: CSVDialect = CSVDialect(), columns wanted: Set<String>? = nil, piece: Int = 1 << 20
  ) throws {
    source = try CSVBytes(path, dialect.encoding, piece: piece)
    scanner = ct_scanner(separator: dialect.separator, quote: UInt8(ascii: "\""), columns: 1, position: 0, line: 1)
    let header = try CSVHeaderRecord(&source, &scanner, dialect)
    names = header.names
    scanner.columns = UInt32(names.count)
    columns = names.indices.filter { wanted?.contains(header.names[$0]) ?? true }
    fields = columns.map { RawField(header.names[$0], .text) }
  }

  package func next(most: Int) throws -> TableChunk? {
    while true {
      if let piece, given < piece.count {
        let rows = given..<min(piece.count, given + most)
        given = rows.upperBound
        return piece.chunk(rows, columns: columns, of: names.count, names: names, path: path)
      }
      // Rows far shorter than the header are more than there was room for: the window must not grow by that.
      let hasMore = piece?.isFull ?? false
      piece = nil
      guard try hasMore || source.refill(from: &scanner.position) || scanner.position < source.count else { return nil }
      let found = CSVPiece(source.bytes, count: source.count, &scanner, isLast: source.isAtEnd)
      if let line = found.openLine {
        throw Failure(
          .badData, at: "\(path):\(line)", "expected a closing quote, found the end of the file",
          cure: "close the quote that opens in this record, or double it where it is no quote")
      }
      (piece, given) = (found, 0)
      if found.count == 0 {
        if source.isAtEnd { return nil }
        try source.requireShortRecord(from: scanner.position, line: Int(scanner.line))
      }
    }
  }
}
