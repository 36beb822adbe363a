import Diagnostics
import Tables

extension Parser {
  /// Rows in pieces of any size are those of the file read at once.
  static func readRows(_ bytes: [UInt8], _ path: String, _ random: inout Randomness) throws {
    try write(bytes, to: path)
    let dialect = CSVDialect(
      separator: random.pick(Array(",;\t".utf8)), hasHeader: random.below(4) > 0,
      encoding: random.pick([.utf8, .latin1]))
    func rows(piece: Int, most: Int) throws -> [String] {
      let reader = try CSVReader(path, dialect, piece: piece)
      var rows: [String] = []
      while let chunk = try reader.next(most: most) {
        let faults = Dictionary(uniqueKeysWithValues: chunk.faults.map { ($0.row, $0.reason) })
        for row in 0..<chunk.count {
          let cells = chunk.columns.map { if case .texts(let cells) = $0.values { cells[row] } else { "" } }
          rows.append("\(chunk.places.number(row)): " + (faults[row] ?? cells.joined(separator: "\u{1F}")))
        }
        for column in chunk.columns { if case .texts(let cells) = column.values { _ = cells.numbers() } }
      }
      return rows
    }
    let whole = try rows(piece: 1 << 20, most: 1000)
    // A window moves on by a piece at a time: a hundred of them are enough.
    let piece = 1 + random.below(40) + bytes.count / 100
    guard try rows(piece: piece, most: 1 + random.below(5)) == whole else {
      throw Unexpected("rows in pieces that are not those of the whole")
    }
  }

  /// Rows have as many columns as there are fields, and their texts lie in the bytes that they came with.
  static func readChunks(_ reader: some TableReader, _ random: inout Randomness) throws {
    let most = random.pick([1, 7, 1000])
    // What a file says of its rows may be anything.
    for _ in 0..<100 {
      guard let chunk = try reader.next(most: most) else { return }
      guard 1...most ~= chunk.count, chunk.columns.count == reader.fields.count,
        chunk.faults.allSatisfy({ 0..<chunk.count ~= $0.row && !$0.reason.isEmpty })
      else { throw Unexpected("a chunk of \(chunk.count) rows and \(chunk.columns.count) columns") }
      for case .texts(let cells) in chunk.columns.map(\.values) {
        guard (0..<chunk.count).allSatisfy({ cells.range($0).upperBound <= cells.bytes.count }) else {
          throw Unexpected("texts that lie elsewhere than in their bytes")
        }
      }
    }
  }

  static func readDate(_ bytes: [UInt8], _ random: inout Randomness) throws {
    let format = random.pick([DateFormat(), DateFormat("%d.%m.%Y")!, DateFormat("%Y-%j %I:%M:%S %p %z")!])
    guard let instant = format.instant(String(decoding: bytes, as: UTF8.self)) else {
      throw Failure(.badData, "expected a date")
    }
    // What is written in ISO 8601 reads back as the same, in years of four digits.
    let text = CivilCalendar.text(instant)
    let isLong = instant >= 253_402_300_800_000_000
    guard text.hasPrefix("-") || isLong || DateFormat().instant(text) == instant else {
      throw Unexpected("a date that reads back as another: \(text)")
    }
  }
}
