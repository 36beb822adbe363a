import Diagnostics
import Tables

/// A column of an SQLite query, and its rows as they are read.
struct SQLiteColumn {
  let name: String
  /// Its place in the query.
  let place: Int
  /// Where it is to be found out: nil.
  private(set) var type: RawType?
  private var integers = 0, numbers = 0, texts = 0, blobs = 0
  var rows = RawColumnBuilder(.text)

  init(name: String, place: Int, declaration: String?) {
    (self.name, self.place) = (name, place)
    type = declaration.flatMap(Self.type)
  }

  /// The type that a declaration stands for, by SQLite's rules of affinity; nil where values of any kind are kept as they
  /// are, as under `DATE`, `BLOB` and words of one's own.
  static func type(_ declaration: String) -> RawType? {
    let words = declaration.uppercased()
    func has(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
    if has("INT") { return .integer }
    if has("CHAR", "CLOB", "TEXT") { return .text }
    if has("BLOB") { return nil }
    if has("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL") { return .number }
    return has("BOOL") ? .boolean : nil
  }

  /// Counts a value of one of the first rows.
  mutating func note(_ value: SQLiteValue) {
    switch value {
    case .null: break
    case .integer: integers += 1
    case .number: numbers += 1
    case .text: texts += 1
    case .blob: blobs += 1
    }
  }

  /// Decides the type, where the declaration did not: that of most of the values seen; texts where there were none.
  ///
  /// Throws bad data (65) where they were blobs.
  mutating func decide(_ path: String) throws(Failure) {
    let found = integers + numbers
    if type == nil, blobs > max(found, texts) {
      throw Failure(
        .badData, at: path, "column '\(name)': expected numbers or texts, found blobs",
        cure: "leave it out of the query, or make a number or a text of it there")
    }
    let decided = type ?? (found >= texts && found > 0 ? (numbers > 0 ? .number : .integer) : .text)
    type = decided
    rows = RawColumnBuilder(decided)
  }

  /// Appends a value; returns what is wrong with it, where it is of another kind.
  mutating func append(_ value: SQLiteValue) -> String? {
    switch (type ?? .text, value) {
    case (_, .null): rows.appendMissing()
    case (.integer, .integer(let integer)): rows.append(integer: integer)
    case (.number, .integer(let integer)): rows.append(number: Double(integer))
    case (.number, .number(let number)): rows.append(number: number)
    case (.boolean, .integer(let integer)) where integer == 0 || integer == 1: rows.append(boolean: integer == 1)
    case (.text, .text(let bytes)):
      guard isUTF8(bytes) else {
        rows.appendMissing()
        return "expected UTF-8, found other bytes"
      }
      rows.append(text: bytes)
    default:
      rows.appendMissing()
      return "expected \(expected), found \(value.description)"
    }
    return nil
  }

  private var expected: String {
    switch type {
    case .integer: "an integer"
    case .number: "a number"
    case .boolean: "0 or 1"
    default: "a text"
    }
  }
}

extension SQLiteValue {
  /// `17`, `2.5`, `'abc'`, for a message.
  var description: String {
    switch self {
    case .null: return "NULL"
    case .integer(let value): return "\(value)"
    case .number(let value): return "\(value)"
    case .text(let bytes):
      let text = String(decoding: bytes.prefix(160), as: UTF8.self)
      return "'\(text.prefix(40).shown())'"
    case .blob: return "a blob"
    }
  }
}
