import Diagnostics
import Files
import Tables

/// Writes a table as a Parquet file: columns of numbers, texts, truths and times, any of which may be missing.
///
/// ```swift
/// let writer = try ParquetWriter(OutputFile("scores.parquet"), [ParquetColumn("score", .double)])
/// try writer.write([(.doubles([0.5, 0, 0.25]), isMissing: [false, true, false])])
/// try writer.finish()
/// ```
/// The same rows in the same row groups make the same bytes, however many of them each call writes. There are no statistics.
package final class ParquetWriter {
  package enum Packing: Sendable { case none, zstd }

  /// Rows of a row group, where nothing else is said.
  package static let groupRows = 1 << 17

  private let file: OutputFile
  private let codec: Codec
  private let groupRows: Int
  private var columns: [ColumnEncoder]
  /// Rows of the row group, and bytes of the file, so far.
  private var rows = 0
  private var position = 0
  private var groups: [Group] = []

  private struct Group {
    var rows: Int
    /// For each column where its pages begin, their bytes, and these if they were not packed.
    var columns: [(start: Int, size: Int, unpacked: Int)] = []
  }

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - file: whoever made it also finishes it, once this is done.
  ///   - groupRows: rows of a row group; it is held in memory, packed.
  package init(
    into file: OutputFile, _ columns: [ParquetColumn], packing: Packing = .zstd, groupRows: Int = groupRows
  ) throws {
    precondition(groupRows > 0, "row groups of \(groupRows) rows")
    let codec = packing == .zstd ? Codec.zstd : .none
    (self.file, self.codec, self.groupRows) = (file, codec, groupRows)
    self.columns = columns.map { ColumnEncoder($0, codec) }
    try put(Self.magic)
  }

  private static let magic = Array("PAR1".utf8)

  /// Writes rows, behind those before.
  ///
  /// - Parameter found: in the order of the columns, of their kinds, and with as many rows each; `isMissing` is empty, or has as
  ///   many too.
  package func write(_ found: [(values: ParquetColumn.Values, isMissing: [Bool])]) throws {
    precondition(found.map(\.values.kind) == columns.map(\.column.kind), "other columns than those of the file")
    let count = found.first?.values.count ?? 0
    for column in found {
      precondition(column.values.count == count, "\(column.values.count) rows beside \(count)")
      precondition(
        column.isMissing.isEmpty || column.isMissing.count == count, "\(column.isMissing.count) of \(count) rows")
    }
    var done = 0
    while done < count {
      let part = done..<min(count, done + groupRows - rows)
      for index in columns.indices {
        do {
          try columns[index].append(found[index].values, missing: found[index].isMissing, part)
        } catch let fault as Fault {
          throw fault.failure(file.path, "column '\(columns[index].column.name)'")
        }
      }
      (done, rows) = (part.upperBound, rows + part.count)
      if rows == groupRows { try endGroup() }
    }
  }

  /// Writes the end of the content.
  package func finish() throws {
    if rows > 0 { try endGroup() }
    let footer = metadata()
    try put(footer)
    try put(withUnsafeBytes(of: UInt32(footer.count)) { Array($0) })
    try put(Self.magic)
  }

  private func put(_ bytes: [UInt8]) throws {
    try file.write(contentsOf: bytes)
    position += bytes.count
  }

  private func endGroup() throws {
    var group = Group(rows: rows)
    for index in columns.indices {
      columns[index].endPage()
      let pages = columns[index].pages
      group.columns.append((position, pages.count, columns[index].unpackedSize))
      try put(pages)
      columns[index].beginGroup()
    }
    groups.append(group)
    rows = 0
  }

  /// See `FileMetadata`.
  private func metadata() -> [UInt8] {
    var thrift = ThriftWriter()
    thrift.structure { file in
      file.int32(1, 1)
      // The root, and then its children.
      let nodes: [ParquetColumn?] = [nil] + columns.map(\.column)
      file.structures(2, nodes) { element, column in
        if let column {
          column.write(to: &element)
        } else {
          element.text(4, "schema")
          element.int32(5, columns.count)
        }
      }
      file.int64(3, groups.reduce(0) { $0 + $1.rows })
      file.structures(4, groups, write)
      file.text(6, "Lockstep")
    }
    return thrift.bytes
  }

  private func write(_ element: inout ThriftWriter, _ group: Group) {
    element.structures(1, Array(zip(columns, group.columns))) { chunk, found in
      let (encoder, place) = found
      chunk.int64(2, 0)
      chunk.structure(3) { metadata in
        metadata.int32(1, encoder.column.physical.rawValue)
        metadata.int32s(2, [Encoding.plain.rawValue, Encoding.runLength.rawValue])
        metadata.texts(3, [encoder.column.name])
        metadata.int32(4, codec.rawValue)
        metadata.int64(5, group.rows)
        metadata.int64(6, place.unpacked)
        metadata.int64(7, place.size)
        metadata.int64(9, place.start)
      }
    }
    element.int64(2, group.columns.reduce(0) { $0 + $1.unpacked })
    element.int64(3, group.rows)
  }
}
