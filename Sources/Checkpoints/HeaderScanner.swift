/// Reads the little JSON that a safetensors header is made of: objects, strings and lists of whole numbers.
///
/// It descends no deeper than its caller does, and allocates no more than the text it was given.
struct HeaderScanner {
  /// What is wrong, and at which byte of the header.
  struct Fault: Error {
    let message: String
    let offset: Int
  }

  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  /// Reads `{"key": …, …}`; `value` must read the value of each key. A key given twice is refused.
  mutating func object(_ value: (inout HeaderScanner, String) throws -> Void) throws {
    try expect("{")
    var keys: Set<String> = []
    if take("}") { return }
    repeat {
      let key = try string()
      guard keys.insert(key).inserted else { throw fault("the key \"\(key)\" is given twice") }
      try expect(":")
      try value(&self, key)
    } while take(",")
    try expect("}")
  }

  /// Reads `[1, 2, …]`; a longer list than `limit` is refused.
  mutating func wholeNumbers(atMost limit: Int) throws -> [Int] {
    try expect("[")
    if take("]") { return [] }
    var numbers: [Int] = []
    repeat {
      guard numbers.count < limit else { throw fault("expected at most \(limit) numbers") }
      numbers.append(try wholeNumber())
    } while take(",")
    try expect("]")
    return numbers
  }

  /// Reads a number of at least zero without sign, point or exponent.
  private mutating func wholeNumber() throws -> Int {
    skipSpaces()
    let start = position
    while position < text.count, (48...57).contains(text[position]) { position += 1 }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let number = Int(digits), digits == "0" || digits.first != "0" else {
      throw Fault(message: "expected a whole number of at least 0", offset: start)
    }
    return number
  }

  /// Reads a string with JSON's escapes; damaged UTF-8 is refused.
  mutating func string() throws -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while position < text.count {
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else { throw fault("expected text in UTF-8") }
        return string
      case UInt8(ascii: "\\"): bytes += Array(String(try escape()).utf8)
      case ..<0x20: throw fault("a control character in a string")
      default: bytes.append(byte)
      }
    }
    throw fault("a string without its end")
  }

  private mutating func escape() throws -> Character {
    guard position < text.count else { throw fault("a string without its end") }
    position += 1
    switch text[position - 1] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return Character(try unicodeEscape())
    default: throw fault("an unknown escape in a string")
    }
  }

  /// The digits after `\u`, and the second half of a surrogate pair where the first one is there.
  private mutating func unicodeEscape() throws -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, text[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
      throw fault("half of a surrogate pair")
    }
    position += 2
    let second = try hexadecimal()
    guard (0xDC00..<0xE000).contains(second) else { throw fault("half of a surrogate pair") }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))!
  }

  private mutating func hexadecimal() throws -> UInt32 {
    let digits = text[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
      throw fault("expected four hexadecimal digits")
    }
    position += 4
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)!
  }

  /// Refuses anything but spaces after the value.
  mutating func end() throws {
    skipSpaces()
    guard position == text.count else { throw fault("expected the end of the header") }
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard take(character) else { throw fault("expected \(character)") }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpaces() {
    while position < text.count, [0x20, 0x0a, 0x0d, 0x09].contains(text[position]) { position += 1 }
  }

  func fault(_ message: String) -> Fault { Fault(message: message, offset: position) }
}
