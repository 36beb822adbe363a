import Diagnostics
import Lockstep
import Preparation
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
    // A piece that is longer than the file: a window takes memory by the piece, not by the file.
    let whole = try rows(piece: bytes.count + 1, most: 1000)
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

  /// A filter tells of each row whether it holds, whatever the row has. Some are read as a configuration has them, which takes a
  /// hundred times as long.
  static func readFilter(_ text: String, _ path: String, _ random: inout Randomness) throws {
    guard random.below(16) > 0 else {
      _ = try RunConfiguration(
        yaml: """
          data:
            table:
              source: {csv: {files: a.csv}}
              target: y
              columns: [number: x, date: since, category: word]
              rows: {filter: \(quotedJSON(text))}
          model: linear

          """, name: path)
      return
    }
    let columns: [String: ColumnStorage] = ["x": .numbers, "since": .instants(DateFormat()), "word": .words]
    let filter: RowFilter
    do throws(FilterFault) {
      filter = try RowFilter(text) { columns[$0] }
    } catch {
      throw Failure(.badConfiguration, "\(error.fault), at character \(error.place)", cure: error.cure)
    }
    let values = filter.used.map { _, column in
      switch column.request.storage {
      case .numbers: CodedColumn.numbers([.nan, 18, -1500])
      case .instants: CodedColumn.instants([CodedColumn.missingInstant, 0, 1 << 60])
      default: CodedColumn.texts([nil, "a", "void"])
      }
    }
    guard filter.holds(values, 3).count == 3 else { throw Unexpected("a filter that does not tell of each row") }
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
