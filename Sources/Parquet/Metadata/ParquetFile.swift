import Diagnostics
import Files
import Tables

/// A Parquet file that is open, with what its end says of it.
package struct ParquetFile {
  let file: RegularFile
  let metadata: FileMetadata
  let parquetFields: [ParquetField]
  /// Where pages may lie.
  let room: Range<Int>

  /// Columns that can be read, in the order of the file.
  package var fields: [RawField] { parquetFields.compactMap(\.raw) }
  /// What each column is; of those that cannot be read, nil.
  package var types: [String: RawType?] {
    var types: [String: RawType?] = [:]
    for field in parquetFields { types.updateValue(field.raw?.type, forKey: field.name) }
    return types
  }

  /// The name of each column, in the order of the file, and why it cannot be read; nil where it can.
  package var columns: [(name: String, refusal: String?)] {
    parquetFields.map { field in
      if case .refused(let fault) = field.content { (field.name, fault.text) } else { (field.name, nil) }
    }
  }

  /// Rows of all row groups.
  package var rows: Int { metadata.rows }

  private static let (magic, encryptedMagic) = (Array("PAR1".utf8), Array("PARE".utf8))
  /// Bytes behind the metadata: their number, and the magic.
  private static let tail = 8

  /// Opens a file; throws a missing input (66) where there is none, and bad data (65) where it is none of the format, or
  /// encrypted.
  package init(_ path: String) throws {
    file = try RegularFile(path, cure: "check the path and its permissions")
    do {
      let footer = try Self.footer(file)
      room = Self.magic.count..<footer.lowerBound
      let metadata = try FileMetadata(ThriftReader(file.bytes(footer)))
      guard !metadata.isEncrypted else { throw Self.encrypted }
      let (fields, leaves) = try metadata.fields()
      for (number, group) in metadata.groups.enumerated() where group.columns.count != leaves {
        throw Fault("row group \(number + 1): expected \(leaves) columns, found \(group.columns.count)")
      }
      (self.metadata, parquetFields) = (metadata, fields)
    } catch let fault as Fault {
      throw fault.failure(path)
    } catch is ThriftReader.CutOff {
      throw Fault("expected whole metadata at its end, found them cut off").failure(path)
    }
  }

  /// Where the metadata lie.
  private static func footer(_ file: RegularFile) throws -> Range<Int> {
    guard file.size >= magic.count + tail else {
      throw Fault("expected a Parquet file, found one of \(count(file.size, "byte"))", cure: "name a Parquet file")
    }
    let end = try file.bytes(file.size - tail..<file.size)
    let (head, last) = (try file.bytes(0..<magic.count), Array(end[4...]))
    guard head != encryptedMagic, last != encryptedMagic else { throw encrypted }
    guard head == magic else {
      throw Fault("expected a Parquet file, which begins with PAR1, found another one", cure: "name a Parquet file")
    }
    guard last == magic else {
      throw Fault(
        "expected PAR1 at the end of a Parquet file, found other bytes",
        cure: "the file is cut off: fetch it again, or write it again")
    }
    let size = (0..<4).reduce(0) { $0 | Int(end[$1]) << (8 * $1) }
    let most = file.size - tail - magic.count
    guard size <= most else { throw Fault("expected at most \(most) bytes of metadata, found \(size)") }
    return file.size - tail - size..<file.size - tail
  }

  static let encrypted = Fault(
    "expected a Parquet file that is not encrypted", cure: "write it again without encryption")
}
