/// The parts of a date and a time.
struct CalendarFields {
  private var year = 1970, month = 1, day = 1
  /// Of the year, from 1; nil: month and day count.
  private var yearDay: Int?
  private var hour = 0, minute = 0, second = 0, microsecond = 0
  /// 0 for a.m., 12 for p.m.; nil: the hour is that of 24.
  private var half: Int?
  private(set) var zoneMinutes: Int

  init(zoneMinutes: Int) { self.zoneMinutes = zoneMinutes }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Reads what a conversion of `strptime` stands for; false where it is not there.
  mutating func read(_ letter: UInt8, _ cursor: inout TextCursor) -> Bool {
    func number(_ most: Int, least: Int = 1, into field: inout Int) -> Bool {
      guard let found = cursor.number(least, most) else { return false }
      field = found.value
      return true
    }
    switch Character(UnicodeScalar(letter)) {
    case "Y": return number(4, least: 4, into: &year)
    case "y":
      guard number(2, least: 2, into: &year) else { return false }
      // As POSIX has it.
      year += year < 69 ? 2000 : 1900
      return true
    case "m": return number(2, into: &month)
    case "d": return number(2, into: &day)
    case "j":
      var found = 0
      guard number(3, into: &found) else { return false }
      yearDay = found
      return true
    case "b":
      guard let place = cursor.letters(3).flatMap(Self.months.firstIndex) else { return false }
      month = place + 1
      return true
    case "H": return number(2, into: &hour)
    case "I":
      half = half ?? 0
      return number(2, into: &hour)
    case "p":
      guard let word = cursor.letters(2), word == "am" || word == "pm" else { return false }
      half = word == "pm" ? 12 : 0
      return true
    case "M": return number(2, into: &minute)
    case "S": return number(2, into: &second)
    case "f": return readFraction(&cursor)
    default: return readZone(&cursor)
    }
  }

  /// Reads a date, and perhaps a time and a zone, as ISO 8601 has them.
  mutating func readISO(_ cursor: inout TextCursor) -> Bool {
    guard read(UInt8(ascii: "Y"), &cursor), cursor.take(UInt8(ascii: "-")) else { return false }
    guard let month = cursor.number(2, 2), cursor.take(UInt8(ascii: "-")), let day = cursor.number(2, 2) else {
      return false
    }
    (self.month, self.day) = (month.value, day.value)
    guard !cursor.isAtEnd else { return true }
    guard cursor.take(UInt8(ascii: "T")) || cursor.take(UInt8(ascii: " ")) else { return false }
    guard let hour = cursor.number(2, 2), cursor.take(UInt8(ascii: ":")), let minute = cursor.number(2, 2) else {
      return false
    }
    (self.hour, self.minute) = (hour.value, minute.value)
    if cursor.take(UInt8(ascii: ":")) {
      guard let second = cursor.number(2, 2) else { return false }
      self.second = second.value
      if cursor.take(UInt8(ascii: ".")) { guard readFraction(&cursor) else { return false } }
    }
    return cursor.isAtEnd || readZone(&cursor)
  }

  /// Digits of a second's fraction; those behind the sixth are left out.
  private mutating func readFraction(_ cursor: inout TextCursor) -> Bool {
    guard let found = cursor.number(1, 6) else { return false }
    microsecond = (found.digits..<6).reduce(found.value) { value, _ in value * 10 }
    while cursor.number(1, 1) != nil {}
    return true
  }

  /// `Z`, `+01:00`, `-0530` or `+01`.
  private mutating func readZone(_ cursor: inout TextCursor) -> Bool {
    if cursor.take(UInt8(ascii: "Z")) {
      zoneMinutes = 0
      return true
    }
    let isWest = cursor.take(UInt8(ascii: "-"))
    guard isWest || cursor.take(UInt8(ascii: "+")), let hours = cursor.number(2, 2), hours.value < 24 else {
      return false
    }
    let hasColon = cursor.take(UInt8(ascii: ":"))
    let minutes = cursor.number(2, 2)
    guard minutes != nil || !hasColon, minutes.map({ $0.value < 60 }) ?? true else { return false }
    zoneMinutes = (hours.value * 60 + (minutes?.value ?? 0)) * (isWest ? -1 : 1)
    return true
  }

  /// Microseconds since 1970-01-01 00:00 UTC; nil where there is no such date or time. A leap second is the next minute's first.
  var instant: Int64? {
    var hour = hour
    if let half {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + half
    }
    guard hour < 24, minute < 60, second <= 60 else { return nil }
    let days: Int
    if let yearDay {
      guard (1...(CivilCalendar.isLeap(year) ? 366 : 365)).contains(yearDay) else { return nil }
      days = CivilCalendar.days(year, 1, 1) + yearDay - 1
    } else {
      guard (1...12).contains(month), (1...CivilCalendar.length(of: month, in: year)).contains(day) else { return nil }
      days = CivilCalendar.days(year, month, day)
    }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - zoneMinutes * 60
    return Int64(seconds) * 1_000_000 + Int64(microsecond)
  }
}

/// The proleptic Gregorian calendar: Hinnant, *chrono-compatible low-level date algorithms*.
package enum CivilCalendar {
  package static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  /// Days of a month, which is in 1...12.
  package static func length(of month: Int, in year: Int) -> Int {
    // Every other one is long, from August on those of an even number.
    month == 2 ? (isLeap(year) ? 29 : 28) : 30 + (month + month / 8) % 2
  }

  /// Days since 1970-01-01.
  package static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Year, month and day of a number of days since 1970-01-01.
  package static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let place = (5 * dayOfYear + 2) / 153
    let month = place < 10 ? place + 3 : place - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * place + 2) / 5 + 1)
  }

  /// 0 for Monday, of a number of days since 1970-01-01, a Thursday.
  package static func weekday(_ days: Int) -> Int { ((days + 3) % 7 + 7) % 7 }

  /// `2026-11-24`, or `2026-11-24T13:05:06Z` where there is a time of day.
  package static func text(_ instant: Int64) -> String {
    let (days, rest) = Int(instant).quotientRounded(by: 86_400_000_000)
    let date = text(days: days)
    guard rest > 0 else { return date }
    let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000)
    let fraction = micros == 0 ? "" : ".\(padded(micros, 6))"
    return "\(date)T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))\(fraction)Z"
  }

  /// `2026-11-24` of a number of days since 1970-01-01.
  package static func text(days: Int) -> String {
    let (year, month, day) = date(days)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

extension Int {
  /// The quotient rounded down, and what is left, which is not negative.
  package func quotientRounded(by divisor: Int) -> (quotient: Int, rest: Int) {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }
}
