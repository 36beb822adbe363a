import Diagnostics

/// The records of a CSV file (RFC 4180), one at a time, with the lines that an editor would show.
///
/// Cells may be quoted, quotes in them doubled, and line breaks within quotes count as lines. Lines end with LF, CRLF or
/// CR, the last one or not. A byte order mark and empty lines are passed over, spaces around a cell left out.
struct CSVRecords {
  /// Where a cell's content lies, quotes and spaces around it left out.
  struct Cell {
    var range: Range<Int>
    /// Whether quotes in it are doubled.
    var isEscaped = false
  }

  /// A longer cell is taken for a quote that was never closed.
  static let longestCell = 1 << 20
  /// Places of cells are kept for a record at a time: this many take 24 MiB.
  static let mostCells = 1 << 20

  let path: String
  private(set) var bytes: [UInt8]
  /// Names for messages: the header, once it is known.
  var columns: [String] = []
  /// The cells of the record that `next` came to.
  private(set) var cells: [Cell] = []
  /// The line that this record begins on, from 1.
  private(set) var line = 1

  private var position = 0
  private var nextLine = 1

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// Goes to the next record; false at the end of the file.
  mutating func next() throws(Failure) -> Bool {
    while position < bytes.count {
      cells.removeAll(keepingCapacity: true)
      line = nextLine
      let start = position
      repeat { try scanCell() } while endsWithComma()
      let isBlank = cells.count == 1 && cells[0].range.isEmpty && !bytes[start..<position].contains(UInt8(ascii: "\""))
      if !isBlank { return true }
    }
    return false
  }

  /// Goes back to before the first record.
  mutating func rewind() { self = CSVRecords(path: path, bytes: bytes) }

  /// The records of the next piece of the file; this one is at its end.
  func continued(_ piece: [UInt8]) -> CSVRecords {
    var records = self
    (records.bytes, records.position) = (piece, 0)
    return records
  }

  /// Takes more of the file behind what is here.
  mutating func append(_ piece: [UInt8]) { bytes += piece }

  /// The text of a cell of this record, doubled quotes made single.
  func text(_ cell: Int) -> String {
    let text = String(decoding: bytes[cells[cell].range], as: UTF8.self)
    guard cells[cell].isEscaped else { return text }
    var (result, isSecond) = ("", false)
    for character in text.unicodeScalars {
      isSecond = character == "\"" && !isSecond
      if character != "\"" || isSecond { result.unicodeScalars.append(character) }
    }
    return result
  }

  /// A failure at this record, or at `line` of the file.
  func failure(_ fault: String, line: Int? = nil, cure: String) -> Failure {
    Failure(.badData, at: "\(path):\(line ?? self.line)", fault, cure: cure)
  }

  /// `column 'petal_width'`, or its number from 1 where there is no header yet.
  func name(_ column: Int) -> String {
    column < columns.count ? "column '\(columns[column])'" : "column \(column + 1)"
  }

  /// Steps over a comma, or over the line's end and says false.
  private mutating func endsWithComma() -> Bool {
    guard position < bytes.count else { return false }
    let byte = bytes[position]
    position += 1
    if byte == comma { return true }
    nextLine += 1
    if byte == carriageReturn, isAt(lineFeed) { position += 1 }
    return false
  }

  /// Appends the cell at `position` and stops at the comma or line end after it.
  private mutating func scanCell() throws(Failure) {
    skipSpaces()
    if isAt(quote) { return try scanQuoted() }
    let start = position
    var (end, isASCII) = (position, true)
    while position < bytes.count {
      let byte = bytes[position]
      if byte == comma || byte == lineFeed || byte == carriageReturn { break }
      guard byte != quote else {
        throw failure(
          "\(name(cells.count)): expected no quote within an unquoted cell",
          cure: "quote the whole cell and double the quotes in it")
      }
      if byte >= 0x80 { isASCII = false }
      position += 1
      if byte != space && byte != tab { end = position }
    }
    try append(Cell(range: start..<end), isASCII)
  }

  private mutating func scanQuoted() throws(Failure) {
    let openedAt = nextLine
    position += 1
    let start = position
    var (isEscaped, isASCII) = (false, true)
    while true {
      guard position < bytes.count, position - start <= Self.longestCell else {
        throw failure(
          "\(name(cells.count)): expected a closing quote, found "
            + (position < bytes.count ? "more than \(Self.longestCell) bytes" : "the end of the file"),
          line: openedAt, cure: "close the quote that opens on this line")
      }
      let byte = bytes[position]
      position += 1
      if byte == quote {
        guard isAt(quote) else { break }
        isEscaped = true
        position += 1
      } else if byte == lineFeed || (byte == carriageReturn && !isAt(lineFeed)) {
        nextLine += 1
      } else if byte >= 0x80 {
        isASCII = false
      }
    }
    try append(Cell(range: start..<position - 1, isEscaped: isEscaped), isASCII)
    skipSpaces()
    guard position == bytes.count || isAt(comma) || isAt(lineFeed) || isAt(carriageReturn) else {
      throw failure(
        "\(name(cells.count - 1)): expected a comma or the line's end after the closing quote",
        line: nextLine, cure: "double the quotes within the cell")
    }
  }

  private mutating func append(_ cell: Cell, _ isASCII: Bool) throws(Failure) {
    guard cell.range.count <= Self.longestCell else {
      throw failure(
        "\(name(cells.count)): expected at most \(Self.longestCell) bytes in a cell, found \(cell.range.count)",
        cure: "check that this is a CSV file")
    }
    guard cells.count < Self.mostCells else {
      throw failure(
        "expected at most \(Self.mostCells) cells in a record, found more", cure: "check that this is a CSV file")
    }
    guard isASCII || String(validating: bytes[cell.range], as: UTF8.self) != nil else {
      throw failure("\(name(cells.count)): expected UTF-8, found other bytes", cure: "save the file as UTF-8")
    }
    cells.append(cell)
  }

  private mutating func skipSpaces() {
    while isAt(space) || isAt(tab) { position += 1 }
  }

  private func isAt(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }
}

private let (comma, quote, space) = (UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: " "))
private let (lineFeed, carriageReturn, tab) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"))
