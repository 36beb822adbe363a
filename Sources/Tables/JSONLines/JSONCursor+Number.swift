/// A number of JSON.
enum JSONNumber {
  /// One without point and exponent that 64 bits hold.
  case integer(Int64)
  /// The nearest double, ties to even.
  case double(Double)

  var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    }
  }

  /// The integer that it is, also where it is written as `3.0`; nil where it is none.
  var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .double(let value): Int64(exactly: value)
    }
  }
}

extension JSONCursor {
  mutating func number() throws(JSONFault) -> JSONNumber {
    let start = place
    let isNegative = take(JSONByte.minus)
    guard isDigit else { throw place == start ? unexpected("a value") : unexpected("a digit") }
    // value = mantissa · 10^exponent, unless more digits count than 64 bits hold.
    var (mantissa, exponent, isLong) = (UInt64(0), 0, false)
    if take(JSONByte.zero) {
      guard !isDigit else { throw unexpected("no digit behind a leading zero") }
    } else {
      while isDigit { digit(&mantissa, &isLong) }
    }
    var isWhole = true
    if take(JSONByte.point) {
      guard isDigit else { throw unexpected("a digit") }
      isWhole = false
      while isDigit {
        digit(&mantissa, &isLong)
        exponent -= 1
      }
    }
    if byte | 0x20 == JSONByte.e {
      place += 1
      isWhole = false
      exponent += try scale()
    }
    // A zero with a sign is no integer: it would lose the sign.
    if isWhole, !isLong, let integer = whole(mantissa, isNegative) { return .integer(integer) }
    if !isLong, let double = exactly(mantissa, exponent) { return .double(isNegative ? -double : double) }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let double = Double(text), double.isFinite else {
      throw JSONFault(reason: "expected a number that a double can hold, found \(text.prefix(40))")
    }
    return .double(double)
  }

  private var isDigit: Bool { @inline(__always) get { byte &- JSONByte.zero < 10 } }

  @inline(__always) private mutating func digit(_ mantissa: inout UInt64, _ isLong: inout Bool) {
    if mantissa <= (UInt64.max - 9) / 10, !isLong {
      mantissa = mantissa * 10 + UInt64(byte - JSONByte.zero)
    } else {
      isLong = true
    }
    place += 1
  }

  /// What stands behind an `e`. A million more than decides as well.
  private mutating func scale() throws(JSONFault) -> Int {
    let isNegative = take(JSONByte.minus)
    if !isNegative { _ = take(JSONByte.plus) }
    guard isDigit else { throw unexpected("a digit") }
    var scale = 0
    while isDigit {
      scale = min(scale * 10 + Int(byte - JSONByte.zero), 1_000_000)
      place += 1
    }
    return isNegative ? -scale : scale
  }
}

private func whole(_ mantissa: UInt64, _ isNegative: Bool) -> Int64? {
  guard isNegative else { return Int64(exactly: mantissa) }
  return mantissa > 0 && mantissa <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- mantissa) : nil
}

/// mantissa · 10^exponent, where one operation on exact doubles, and so one rounding, gives it (Clinger 1990).
private func exactly(_ mantissa: UInt64, _ exponent: Int) -> Double? {
  if mantissa == 0 { return 0 }
  guard mantissa <= 1 << 53, abs(exponent) < powers.count else { return nil }
  return exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
}

/// The powers of ten that a double holds exactly.
private let powers: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]
