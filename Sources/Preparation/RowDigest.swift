import Diagnostics
import Tables
import Tensors

/// The digest of all rows of a table, however many come at a time and whatever they are kept in.
///
/// For each column SHA-256 of its values one after the other, each behind a byte that is 0 where it is missing and 1 else:
/// numbers as 8 bytes, booleans as one, all in little-endian order, texts behind their length in bytes, vectors behind their
/// width. Then SHA-256 of a line a column, its name's digest, its type and the digest of its values, and of a line a row that
/// cannot be used: its place and the digest of the reason.
struct RowDigest {
  private let field: RawField
  private let values = StreamingDigest()
  private var bytes: [UInt8] = []

  static func digest(of reader: any TableReader) throws -> Digest {
    var columns = reader.fields.map { RowDigest(field: $0) }
    var (faults, count) = ("", 0)
    while let chunk = try reader.next(most: 16_384) {
      for fault in chunk.faults { faults += "\(count + fault.row) \(Digest(of: fault.reason))\n" }
      for (index, column) in chunk.columns.enumerated() { columns[index].add(column) }
      count += chunk.count
      SignsOfLife.note()
    }
    return Digest(of: columns.map(\.line).joined() + faults)
  }

  private init(field: RawField) { self.field = field }

  private var line: String { "\(Digest(of: field.name)) \(field.type) \(values.finish())\n" }

  private mutating func add(_ column: RawColumn) {
    bytes.removeAll(keepingCapacity: true)
    for row in 0..<column.values.count {
      guard column.isMissing.isEmpty || !column.isMissing[row] else {
        bytes.append(0)
        continue
      }
      bytes.append(1)
      switch column.values {
      case .texts(let cells):
        let range = cells.range(row)
        append(cells.bytes[range])
      case .numbers(let numbers): append(numbers[row].bitPattern)
      case .integers(let integers): append(UInt64(bitPattern: integers[row]))
      case .booleans(let booleans): bytes.append(booleans[row] ? 1 : 0)
      case .instants(let instants): append(UInt64(bitPattern: instants[row]))
      case .days(let days): append(UInt64(bitPattern: Int64(days[row])))
      case .vectors(let numbers, let width):
        append(UInt64(width))
        for number in numbers[row * width..<(row + 1) * width] { append(number.bitPattern) }
      }
    }
    bytes.withUnsafeBytes(values.update)
  }

  private mutating func append(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func append(_ text: some Collection<UInt8>) {
    append(UInt64(text.count))
    bytes.append(contentsOf: text)
  }
}
