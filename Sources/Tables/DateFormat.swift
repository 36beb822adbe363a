/// How dates and times are written: a pattern of `strptime`'s conversions, or ISO 8601.
///
/// ```swift
/// DateFormat("%d.%m.%Y")!.instant("24.11.2026")   // microseconds since 1970-01-01 00:00 UTC
/// ```
/// The calendar is the proleptic Gregorian one. Where a time tells no zone it is that of `zoneMinutes`.
public struct DateFormat: Sendable, Hashable {
  /// Nil: ISO 8601, `2026-11-24`, `2026-11-24 13:05`, `2026-11-24T13:05:06.25+01:00`.
  public let pattern: String?
  /// What clocks show more than UTC, where a time tells no zone.
  public let zoneMinutes: Int
  private let steps: [Step]

  private enum Step: Hashable {
    case literal(UInt8)
    case field(UInt8)
  }

  /// ISO 8601.
  public init(zoneMinutes: Int = 0) { (pattern, self.zoneMinutes, steps) = (nil, zoneMinutes, []) }

  /// A pattern of %Y %y %m %d %b %j %H %I %p %M %S %f %z and %%; nil where it has another conversion, or no year.
  public init?(_ pattern: String, zoneMinutes: Int = 0) {
    var (steps, bytes) = ([Step](), Array(pattern.utf8)[...])
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        steps.append(.literal(byte))
        continue
      }
      guard let letter = bytes.popFirst() else { return nil }
      if letter == UInt8(ascii: "%") {
        steps.append(.literal(letter))
      } else if "YymdbjHIpMSfz".utf8.contains(letter) {
        steps.append(.field(letter))
      } else {
        return nil
      }
    }
    let letters = steps.compactMap { if case .field(let letter) = $0 { letter } else { nil } }
    guard letters.contains(UInt8(ascii: "Y")) || letters.contains(UInt8(ascii: "y")),
      Set(letters).count == letters.count
    else { return nil }
    (self.pattern, self.zoneMinutes, self.steps) = (pattern, zoneMinutes, steps)
  }

  /// Microseconds since 1970-01-01 00:00 UTC; nil where the text is none of its dates.
  public func instant(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBufferPointer { instant($0) } }

  /// The same of bytes.
  package func instant(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    if pattern == nil, let days = Self.days(text) { return Int64(days * 86_400 - zoneMinutes * 60) * 1_000_000 }
    var fields = CalendarFields(zoneMinutes: zoneMinutes)
    var cursor = TextCursor(text)
    let isRead = pattern == nil ? fields.readISO(&cursor) : read(&cursor, into: &fields)
    return isRead && cursor.isAtEnd ? fields.instant : nil
  }

  /// Days since 1970-01-01 of a day as `2026-11-24`, which most texts are; nil for all others, days or not.
  private static func days(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var number = 0
      for place in range {
        let digit = Int(text[place]) - 48
        guard digit >= 0, digit < 10 else { return nil }
        number = 10 * number + digit
      }
      return number
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), month >= 1, month <= 12,
      day >= 1, day <= CivilCalendar.length(of: month, in: year)
    else { return nil }
    return CivilCalendar.days(year, month, day)
  }

  private func read(_ cursor: inout TextCursor, into fields: inout CalendarFields) -> Bool {
    for step in steps {
      switch step {
      case .literal(let byte): guard cursor.take(byte) else { return false }
      case .field(let letter): guard fields.read(letter, &cursor) else { return false }
      }
    }
    return true
  }
}

/// Bytes that are read from the front.
struct TextCursor {
  private let text: UnsafeBufferPointer<UInt8>
  private var at = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  var isAtEnd: Bool { at == text.count }
  var next: UInt8? { at < text.count ? text[at] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at += 1
    return true
  }

  /// A number of `least` to `most` digits, as many as there are, and how many.
  mutating func number(_ least: Int, _ most: Int) -> (value: Int, digits: Int)? {
    var (value, digits) = (0, 0)
    while digits < most, let byte = next, byte &- 48 < 10 {
      value = value * 10 + Int(byte - 48)
      digits += 1
      at += 1
    }
    return digits >= least ? (value, digits) : nil
  }

  /// So many bytes, letters in lower case.
  mutating func letters(_ count: Int) -> String? {
    guard text.count - at >= count else { return nil }
    defer { at += count }
    return String(decoding: text[at..<at + count].map { $0 | 0x20 }, as: UTF8.self)
  }
}

extension DateFormat {
  /// Minutes of `+01:00`, `-0530` or `Z`; nil for what is no distance from UTC.
  package static func zoneMinutes(_ text: String) -> Int? {
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      var (fields, cursor) = (CalendarFields(zoneMinutes: 0), TextCursor(bytes))
      guard fields.read(UInt8(ascii: "z"), &cursor), cursor.isAtEnd else { return nil }
      return fields.zoneMinutes
    }
  }
}
