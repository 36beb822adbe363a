import Tensors

/// Tells rows that are equal to rows before them, by 128 bits of their SHA-256: two that differ are never found equal.
///
/// Rows are equal where all columns are, what is missing being equal to what is missing, and 0 to -0. It keeps about 40 bytes
/// for each row that differs from those before.
struct DuplicateRows {
  private var seen: Set<SIMD2<UInt64>> = []
  private var bytes: [UInt8] = []

  /// Whether a row of `columns`, which are coded by the same coders each time, is equal to one that was asked for before.
  mutating func isKnown(_ columns: [CodedColumn], _ row: Int) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    for column in columns {
      bytes.append(column.isMissing(row) ? 0 : 1)
      guard !column.isMissing(row) else { continue }
      switch column {
      case .numbers(let numbers): append(number: numbers[row])
      // A word has one code, wherever it stands.
      case .codes(let codes): append(UInt64(UInt32(bitPattern: codes[row])))
      case .texts(let texts):
        append(UInt64(texts[row]!.utf8.count))
        bytes.append(contentsOf: texts[row]!.utf8)
      case .instants(let instants): append(UInt64(bitPattern: instants[row]))
      case .vectors(let rows): for place in 0..<rows.width { append(number: rows.numbers[row * rows.width + place]) }
      }
    }
    return !seen.insert(bytes.withUnsafeBytes(Digest.prefix)).inserted
  }

  private mutating func append(number: Double) { append((number == 0 ? 0 : number).bitPattern) }

  private mutating func append(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
