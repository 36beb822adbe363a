import Diagnostics
import Tables

/// The rows of one Parquet file, in the order of the file.
///
/// Columns of numbers, texts, truths, days and instants are read, in any of the format's encodings and codecs but LZO:
///
/// | in the file | in a table |
/// |---|---|
/// | FLOAT, DOUBLE, FLOAT16, DECIMAL | numbers: a decimal as the nearest double |
/// | whole numbers of 8 to 64 bits, with and without sign | integers; those above 2⁶³−1 are refused |
/// | TIME | integers, in the file's own unit since midnight |
/// | BOOLEAN | booleans |
/// | TIMESTAMP, INT96 | instants: nanoseconds are rounded down; local time counts as UTC |
/// | DATE | days |
/// | STRING, ENUM, JSON, UUID, and bytes that are UTF-8 | texts |
///
/// What is nested, a list, a map or a group, is refused where it is wanted, and so is what is not in this table. Only pages of
/// wanted columns are read: of each one page at a time, and its dictionary.
package final class ParquetReader: TableReader {
  package let fields: [RawField]
  private let file: ParquetFile
  /// Those that are wanted, in the order of the file.
  private let wanted: [(field: ParquetField, type: FlatType)]
  private let memory = ColumnMemory()
  /// The row group that comes after the open one.
  private var group = 0
  private var columns: [ColumnReader] = []
  /// Rows of the open row group that are still to come.
  private var left = 0
  /// The number of the next row in the file, from 1.
  private var row = 1

  private var path: String { file.file.path }

  /// Rows of a chunk at most: what a file says of its rows does not decide how much memory is taken.
  private static let mostRows = 1 << 20

  /// Opens a file.
  ///
  /// - Parameter columns: those that are wanted; nil means all. Those that the file has not are not given.
  ///
  /// Throws a missing input (66) where there is no such file, and bad data (65) where it is no Parquet file, is damaged, or has
  /// a wanted column that cannot be read.
  package convenience init(_ path: String, columns: Set<String>? = nil) throws {
    try self.init(ParquetFile(path), columns: columns)
  }

  package init(_ file: ParquetFile, columns: Set<String>? = nil) throws {
    self.file = file
    let found = file.parquetFields.filter { columns?.contains($0.name) ?? true }
    var names: Set<String> = []
    wanted = try found.map { field -> (field: ParquetField, type: FlatType) in
      do {
        guard names.insert(field.name).inserted else {
          throw Fault("expected one column of this name, found several", cure: "write the file again with other names")
        }
        switch field.content {
        case .flat(let type): return (field, type)
        case .refused(let fault): throw fault
        }
      } catch let fault as Fault {
        throw fault.failure(file.file.path, "column '\(field.name)'")
      }
    }
    fields = wanted.map { RawField($0.field.name, $0.type.meaning.type) }
  }

  package func next(most: Int) throws -> TableChunk? {
    precondition(most > 0, "\(most) rows")
    while left == 0 {
      guard group < file.metadata.groups.count else { return nil }
      try open(file.metadata.groups[group])
    }
    let rows = min(most, left, Self.mostRows)
    let found = try zip(columns, wanted).map { column, wanted in
      try placed(wanted.field, group) { try column.next(rows) }
    }
    defer { (left, row) = (left - rows, row + rows) }
    return TableChunk(count: rows, columns: found, places: RowPlaces(path, first: row))
  }

  private func open(_ found: RowGroup) throws {
    group += 1
    guard found.rows > 0 else { return }
    columns = try wanted.map { field, type in
      try placed(field, group) {
        let chunk = found.columns[field.leaf]
        guard chunk.isEncrypted || chunk.type == type.physical.rawValue else {
          throw Fault("expected values as \(type.physical.word), found type \(chunk.type)")
        }
        guard chunk.isEncrypted || chunk.count == found.rows else {
          throw Fault("expected \(found.rows) values, found \(chunk.count)")
        }
        let pages = try ColumnPages(
          chunk, of: file.file, in: file.room, isOptional: type.isOptional, packed: memory.packed)
        return ColumnReader(type, pages, rows: found.rows, memory: memory)
      }
    }
    left = found.rows
  }

  /// Adds to what is wrong in a column where that is.
  private func placed<Result>(_ field: ParquetField, _ group: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let fault as Fault {
      throw fault.failure(path, "column '\(field.name)', row group \(group)")
    }
  }
}
