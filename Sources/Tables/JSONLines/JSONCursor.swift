import Diagnostics

/// Why a line of JSON is no row.
struct JSONFault: Error {
  /// The column at fault; nil: the line as a whole.
  var column: String?
  /// What was expected, and what was found.
  let reason: String
}

/// One line of JSON (RFC 8259), and how far it was read.
///
/// What each call reads begins where the cursor is: blanks are passed over by `skipBlanks` alone. A call that throws leaves
/// the cursor anywhere.
struct JSONCursor {
  /// Levels of lists and objects in one another.
  static let mostLevels = 64

  let bytes: UnsafeBufferPointer<UInt8>
  var place = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The byte here; 0, which stands nowhere in JSON, at the end.
  @inline(__always) var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

  var isAtEnd: Bool { place >= bytes.count }

  @inline(__always) mutating func skipBlanks() {
    while byte == JSONByte.space || byte == JSONByte.tab || byte == JSONByte.lineFeed || byte == JSONByte.carriageReturn
    {
      place += 1
    }
  }

  /// Passes over a byte where it is `wanted`.
  @inline(__always) mutating func take(_ wanted: UInt8) -> Bool {
    guard byte == wanted, wanted != 0 else { return false }
    place += 1
    return true
  }

  /// Passes over a byte that must be `wanted`.
  @inline(__always) mutating func expect(_ wanted: UInt8, _ name: String) throws(JSONFault) {
    guard take(wanted) else { throw unexpected(name) }
  }

  /// `true`, `false` or `null`.
  mutating func word(_ word: StaticString) throws(JSONFault) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[offset]) else { throw unexpected("\(word)") }
    }
  }

  /// Passes over a value of any kind, and tells of what kind it was.
  mutating func skipValue(levels: Int = 0) throws(JSONFault) -> JSONKind {
    switch byte {
    case JSONByte.quote:
      try skipText()
      return .text
    case JSONByte.openBrace:
      try skipObject(levels)
      return .object
    case JSONByte.openBracket: return try skipList(levels)
    case JSONByte.t:
      try word("true")
      return .boolean
    case JSONByte.f:
      try word("false")
      return .boolean
    case JSONByte.n:
      try word("null")
      return .null
    default: return if case .integer = try number() { .integer } else { .number }
    }
  }

  private mutating func skipObject(_ levels: Int) throws(JSONFault) {
    try enter(levels)
    place += 1
    skipBlanks()
    if take(JSONByte.closeBrace) { return }
    repeat {
      skipBlanks()
      try skipText()
      skipBlanks()
      try expect(JSONByte.colon, "':'")
      skipBlanks()
      _ = try skipValue(levels: levels + 1)
      skipBlanks()
    } while take(JSONByte.comma)
    try expect(JSONByte.closeBrace, "',' or '}'")
  }

  private mutating func skipList(_ levels: Int) throws(JSONFault) -> JSONKind {
    try enter(levels)
    place += 1
    skipBlanks()
    if take(JSONByte.closeBracket) { return .list }
    var (width, isOfNumbers) = (0, true)
    repeat {
      skipBlanks()
      let kind = try skipValue(levels: levels + 1)
      isOfNumbers = isOfNumbers && (kind == .integer || kind == .number)
      width += 1
      skipBlanks()
    } while take(JSONByte.comma)
    try expect(JSONByte.closeBracket, "',' or ']'")
    return isOfNumbers ? .vector(width) : .list
  }

  private func enter(_ levels: Int) throws(JSONFault) {
    guard levels < Self.mostLevels else {
      throw JSONFault(reason: "expected at most \(Self.mostLevels) levels of lists and objects, found more")
    }
  }

  /// What stands here instead of something else.
  func unexpected(_ expected: String) -> JSONFault {
    JSONFault(reason: "expected \(expected) at byte \(place + 1), found \(found)")
  }

  /// The character here, for a message.
  private var found: String {
    guard !isAtEnd else { return "the end of the line" }
    let character = String(decoding: bytes[place..<min(bytes.count, place + 4)], as: UTF8.self).unicodeScalars.prefix(1)
    return "'\(String(character).shown())'"
  }
}

/// What a value of JSON is.
enum JSONKind: Hashable {
  /// `integer`: a number without point and exponent that 64 bits hold.
  case null, boolean, integer, number, text, object
  /// Numbers, at least one.
  case vector(Int)
  /// Anything else in brackets.
  case list
}
