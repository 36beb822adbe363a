import CTables
import Diagnostics
import Files

/// A stretch of whole records of a CSV file, with the places of their cells.
struct CSVPiece {
  /// Those of the file, or what they are in UTF-8, and some more behind them that mean nothing.
  var bytes: [UInt8]
  var bounds: [UInt32]
  var lines: [Int]
  /// Of each record, as `ct_scan` tells them.
  var faults: [UInt8]
  var details: [UInt32]
  var count: Int { lines.count }
  /// Whether there was no room for more of them, so that there may be more in the bytes.
  private(set) var isFull = false

  /// The records of `bytes[scanner.position..<count]`, `most` of them at most.
  init(_ bytes: [UInt8], count: Int, _ scanner: inout ct_scanner, isLast: Bool, most: Int = .max) {
    self.bytes = bytes
    let columns = Int(scanner.columns)
    // A cell takes a byte at least, its end.
    let rows = min(most, (count - scanner.position) / columns + 1)
    (bounds, lines, faults, details) = ([], [], [], [])
    var found = 0
    var own = scanner
    bounds = [UInt32](unsafeUninitializedCapacity: 2 * columns * rows) { bounds, boundCount in
      lines = [Int](unsafeUninitializedCapacity: rows) { lines, lineCount in
        faults = [UInt8](unsafeUninitializedCapacity: rows) { faults, faultCount in
          details = [UInt32](unsafeUninitializedCapacity: rows) { details, detailCount in
            self.bytes.withUnsafeMutableBufferPointer { bytes in
              lines.withMemoryRebound(to: UInt64.self) { lines in
                found = ct_scan(
                  &own, bytes.baseAddress, count, isLast, rows, bounds.baseAddress, lines.baseAddress,
                  faults.baseAddress, details.baseAddress)
              }
            }
            detailCount = found
          }
          faultCount = found
        }
        lineCount = found
      }
      boundCount = 2 * columns * found
    }
    isFull = found == rows
    scanner = own
  }

  /// The line of the record whose quote nobody closes, and which so holds the rest of the file; nil: there is none.
  var openLine: Int? { faults.last.map { Int($0) == CT_OPEN_QUOTE } ?? false ? lines.last : nil }

  /// `rows` of its records, column by column.
  func chunk(_ rows: Range<Int>, columns: [Int], of width: Int, names: [String], path: String) -> TableChunk {
    let faulty = faults[rows].contains { $0 != 0 }
    return TableChunk(
      count: rows.count,
      columns: columns.map { column in
        RawColumn(
          .texts(
            TextCells(
              bytes: bytes, bounds: bounds, first: 2 * (rows.lowerBound * width + column), stride: 2 * width,
              count: rows.count)))
      },
      places: RowPlaces(path, lines: Array(lines[rows])),
      faults: faulty ? rows.compactMap { fault($0, offset: rows.lowerBound, width, names) } : [])
  }

  /// Why a record cannot be used; nil where it can.
  private func fault(_ row: Int, offset: Int, _ width: Int, _ names: [String]) -> RowFault? {
    let detail = Int(details[row])
    let column = detail < names.count ? names[detail] : nil
    func made(_ reason: String, in column: String?) -> RowFault { RowFault(row: row - offset, column: column, reason) }
    return switch Int(faults[row]) {
    case CT_FINE: nil
    case CT_CELLS: made("expected \(width) cells as in the first record, found \(detail)", in: nil)
    case CT_QUOTE: made("expected no quote within an unquoted cell", in: column)
    case CT_BEHIND_QUOTE: made("expected the cell's end behind the closing quote", in: column)
    case CT_ENCODING: made("expected UTF-8 (or encoding: latin-1), found other bytes", in: column)
    default: made("expected a closing quote, found the end of the file", in: column)
    }
  }
}
