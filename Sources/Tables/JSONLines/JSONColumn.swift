import Diagnostics

/// The values of one column of lines of JSON, as rows are read.
struct JSONColumn {
  let field: JSONField
  /// Whether values are kept; else they are passed over.
  let isWanted: Bool
  /// How many rows there are, missing ones and those with a fault included.
  private(set) var count = 0
  /// Bytes that a row takes beside its text.
  var bytesPerRow: Int { isWanted ? rows.bytesPerRow : 0 }

  private var rows: RawColumnBuilder

  init(_ field: JSONField, isWanted: Bool) {
    (self.field, self.isWanted) = (field, isWanted)
    rows = RawColumnBuilder(field.type, width: field.width)
  }

  /// Reads the value at the cursor, and appends it. Where it throws, the row has no value.
  mutating func read(_ cursor: inout JSONCursor) throws(JSONFault) {
    guard isWanted else {
      _ = try cursor.skipValue(levels: 1)
      count += 1
      return
    }
    if cursor.byte == JSONByte.n {
      try cursor.word("null")
      return appendMissing()
    }
    let start = cursor.place
    switch field.type {
    case .number:
      guard cursor.beginsNumber else { throw unexpected(&cursor, at: start) }
      rows.append(number: try cursor.number().double)
    case .integer:
      guard cursor.beginsNumber else { throw unexpected(&cursor, at: start) }
      let number = try cursor.number()
      if let integer = number.integer { rows.append(integer: integer) } else { rows.append(fraction: number.double) }
    case .boolean:
      switch cursor.byte {
      case JSONByte.t: try cursor.word("true")
      case JSONByte.f: try cursor.word("false")
      default: throw unexpected(&cursor, at: start)
      }
      rows.append(boolean: cursor.bytes[start] == JSONByte.t)
    case .vector: try readVector(&cursor)
    default:
      guard cursor.byte == JSONByte.quote else { throw unexpected(&cursor, at: start) }
      let first = rows.bytes.count
      try cursor.text(appendingTo: &rows.bytes)
      rows.endText(from: first)
    }
    count += 1
  }

  private mutating func readVector(_ cursor: inout JSONCursor) throws(JSONFault) {
    let start = cursor.place
    let before = rows.numbers.count
    do throws(JSONFault) {
      guard cursor.take(JSONByte.openBracket) else { throw unexpected(&cursor, at: start) }
      repeat {
        cursor.skipBlanks()
        guard cursor.beginsNumber, rows.numbers.count - before < field.width else {
          throw unexpected(&cursor, at: start)
        }
        rows.numbers.append(try cursor.number().double)
        cursor.skipBlanks()
      } while cursor.take(JSONByte.comma)
      guard rows.numbers.count - before == field.width, cursor.take(JSONByte.closeBracket) else {
        throw unexpected(&cursor, at: start)
      }
      rows.endRow()
    } catch {
      rows.numbers.removeLast(rows.numbers.count - before)
      throw error
    }
  }

  /// Appends a row without a value.
  mutating func appendMissing() {
    count += 1
    if isWanted { rows.appendMissing() }
  }

  /// The rows that there are, which go.
  mutating func taken() -> RawColumn {
    count = 0
    return rows.taken()
  }

  /// The value that begins at `start` is of another kind; where it is no value at all, that is told.
  private func unexpected(_ cursor: inout JSONCursor, at start: Int) -> JSONFault {
    cursor.place = start
    do throws(JSONFault) {
      _ = try cursor.skipValue(levels: 1)
    } catch { return error }
    let text = String(decoding: cursor.bytes[start..<cursor.place], as: UTF8.self).shown()
    let expected =
      switch field.type {
      case .number, .integer: "a number"
      case .boolean: "true or false"
      case .vector: "a list of \(Diagnostics.count(field.width, "number"))"
      default: "a text"
      }
    return JSONFault(
      column: field.name, reason: "expected \(expected), found \(text.prefix(40))\(text.count > 40 ? "…" : "")")
  }
}

extension JSONCursor {
  fileprivate var beginsNumber: Bool { byte == JSONByte.minus || byte &- JSONByte.zero < 10 }
}
