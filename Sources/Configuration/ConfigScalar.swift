/// A scalar as it was written: its text, and whether quotes make it text beyond doubt.
///
/// What it is worth depends on what is asked for: `10` is a number where a number is expected and text where text is.
struct ConfigScalar: Equatable {
  let text: String
  /// Neither quoted nor a block.
  let isPlain: Bool

  var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

  /// `true` or `false`; `yes`, `on` and the like are text.
  var bool: Bool? { isPlain ? ["true": true, "false": false][text] : nil }

  /// Decimal digits with an optional sign, without leading zeros, which other readers take for octal numbers.
  var int: Int? { isWhole ? Int(text) : nil }

  /// Whether it is a whole number with more digits than are kept.
  var isTooLong: Bool { isWhole && Int(text) == nil }

  private var isWhole: Bool {
    guard isPlain else { return false }
    let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    return text.utf8.count - digits.count <= 1 && !digits.isEmpty && digits.allSatisfy(Self.isDigit)
      && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
  }

  /// A finite decimal number: `1`, `-0.5`, `.5`, `1e-3`; neither hexadecimal nor `nan` nor `inf`.
  var double: Double? { decimal.flatMap { $0.isFinite ? $0 : nil } }

  /// Whether it is a number beyond those that are kept.
  var isTooLarge: Bool { decimal?.isInfinite ?? false }

  private var decimal: Double? {
    guard isPlain, text.utf8.contains(where: Self.isDigit),
      text.utf8.allSatisfy({ Self.isDigit($0) || "+-.eE".utf8.contains($0) })
    else { return nil }
    return Double(text)
  }

  /// What a message calls it: quoted where it was, and cut off where it is long.
  var found: String {
    if isNull { return "nothing" }
    let clean = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }
    let short = String(clean.prefix(60)) + (clean.count > 60 ? "…" : "")
    return isPlain ? short : "the text \"\(short)\""
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}

extension ConfigScalar {
  /// Text as YAML that reads back as the same text, for this reader and for those that take `yes` for a boolean.
  static func yaml(_ text: String) -> String {
    let first = text.utf8.first.map { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") } ?? false
    let plain = text.utf8.allSatisfy { byte in
      isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || "-_./".utf8.contains(byte)
    }
    if first, plain, !reserved.contains(text.lowercased()) { return text }
    return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  /// Words that some reader of YAML takes for something else than text.
  private static let reserved: Set<String> = [
    "null", "true", "false", "yes", "no", "on", "off", "nan", "inf",
  ]

  /// A character of a double-quoted scalar; `&` and `*` are escaped because of `ConfigText`.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    case " "..."~" where scalar != "&" && scalar != "*": return String(scalar)
    case "\u{a1}"..."\u{2027}", "\u{2030}"..."\u{d7ff}", "\u{10000}"..."\u{10ffff}": return String(scalar)
    default:
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
  }
}
