import Tables

/// The pages of a column in the row group that is being written, as PLAIN.
struct ColumnEncoder {
  let column: ParquetColumn
  private let codec: Codec
  /// Pages that are done, with their headers.
  private(set) var pages: [UInt8] = []
  /// Bytes of these if they were not packed.
  private(set) var unpackedSize = 0
  /// Of the page: values that are there, and which of its rows are missing.
  private var values: [UInt8] = []
  private var truths: [Bool] = []
  private var isMissing: [Bool] = []

  /// A page ends with the first of these.
  private static let (pageBytes, pageRows) = (1 << 20, 1 << 15)

  init(_ column: ParquetColumn, _ codec: Codec) { (self.column, self.codec) = (column, codec) }

  /// Adds some of the rows; throws a `Fault` where a text is too long.
  mutating func append(_ found: ParquetColumn.Values, missing: [Bool], _ rows: Range<Int>) throws {
    switch found {
    case .doubles(let numbers): append(numbers, missing, rows)
    case .floats(let numbers): append(numbers, missing, rows)
    case .integers(let numbers), .instants(let numbers): append(numbers, missing, rows)
    case .days(let numbers): append(numbers, missing, rows)
    case .booleans(let found):
      for row in rows {
        if note(row, missing) { truths.append(found[row]) }
        endPageWhereFull()
      }
    case .texts(let cells):
      for row in rows {
        if note(row, missing) {
          let text = cells.bytes[cells.range(row)]
          guard text.count < 1 << 30 else { throw Fault("expected texts of less than 1 GB, found \(text.count) bytes") }
          append(UInt32(text.count))
          values += text
        }
        endPageWhereFull()
      }
    }
  }

  private mutating func append<Number: BitwiseCopyable>(_ numbers: [Number], _ missing: [Bool], _ rows: Range<Int>) {
    for row in rows {
      if note(row, missing) { append(numbers[row]) }
      endPageWhereFull()
    }
  }

  private mutating func append(_ number: some BitwiseCopyable) {
    withUnsafeBytes(of: number) { values.append(contentsOf: $0) }
  }

  /// Notes whether a row is there, and returns it.
  private mutating func note(_ row: Int, _ missing: [Bool]) -> Bool {
    let isMissing = !missing.isEmpty && missing[row]
    self.isMissing.append(isMissing)
    return !isMissing
  }

  private mutating func endPageWhereFull() {
    if values.count >= Self.pageBytes || isMissing.count >= Self.pageRows { endPage() }
  }

  /// Ends the page, where it has rows.
  mutating func endPage() {
    guard !isMissing.isEmpty else { return }
    let levels = Self.levels(isMissing)
    var page = withUnsafeBytes(of: UInt32(levels.count)) { Array($0) } + levels
    page += column.kind == .boolean ? Self.bits(truths) : values
    let packed = codec.pack(page)
    var header = ThriftWriter()
    header.structure { header in
      header.int32(1, 0)
      header.int32(2, page.count)
      header.int32(3, packed.count)
      header.structure(5) { data in
        data.int32(1, isMissing.count)
        data.int32(2, Encoding.plain.rawValue)
        data.int32(3, Encoding.runLength.rawValue)
        data.int32(4, Encoding.runLength.rawValue)
      }
    }
    pages += header.bytes
    pages += packed
    unpackedSize += header.bytes.count + page.count
    values.removeAll(keepingCapacity: true)
    truths.removeAll(keepingCapacity: true)
    isMissing.removeAll(keepingCapacity: true)
  }

  /// Forgets the pages, once they are written.
  mutating func beginGroup() { (pages, unpackedSize) = ([], 0) }

  /// One run: of ones, where nothing is missing, else of packed bits.
  private static func levels(_ isMissing: [Bool]) -> [UInt8] {
    var bytes: [UInt8] = []
    if isMissing.contains(true) {
      let bits = bits(isMissing.map { !$0 })
      bytes.append(varint: UInt64(bits.count << 1 | 1))
      bytes += bits
    } else {
      bytes.append(varint: UInt64(isMissing.count << 1))
      bytes.append(1)
    }
    return bytes
  }

  /// A bit each, the lowest first.
  private static func bits(_ truths: [Bool]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (truths.count + 7) / 8)
    for (index, truth) in truths.enumerated() where truth { bytes[index / 8] |= 1 << UInt8(index % 8) }
    return bytes
  }
}
