/// Decimal text to the nearest float, and the nearest double, ties to even, in no locale.
package enum DecimalFloat {
  /// The number that `text` spells, spaces and tabs around it left out; nil where it spells none.
  ///
  /// A sign, digits with or without a point, an exponent; `nan`, `inf` and `infinity` in any case give those values, and
  /// so does a number too large for a float.
  package static func parse(_ text: some BidirectionalCollection<UInt8>) -> Float? { number(text)?.single }

  /// The same in double precision, of bytes that lie in memory.
  package static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double? { number(text)?.double }

  /// The same in both precisions, each rounded once.
  package static func number(_ text: some BidirectionalCollection<UInt8>) -> (single: Float, double: Double)? {
    var text = text[...]
    while let first = text.first, first == space || first == tab { text.removeFirst() }
    while let last = text.last, last == space || last == tab { text.removeLast() }
    var rest = text
    var isNegative = false
    if let sign = rest.first, sign == plus || sign == minus {
      isNegative = sign == minus
      rest.removeFirst()
    }
    // value = mantissa · 10^exponent, unless more than 18 digits count.
    var (mantissa, exponent, digits, isLong, isFraction) = (UInt64(0), 0, 0, false, false)
    while let byte = rest.first {
      if byte &- zero < 10 {
        digits += 1
        if mantissa < 100_000_000_000_000_000 {
          mantissa = mantissa * 10 + UInt64(byte - zero)
          if isFraction { exponent -= 1 }
        } else {
          isLong = true
        }
      } else if byte == point, !isFraction {
        isFraction = true
      } else {
        break
      }
      rest.removeFirst()
    }
    guard digits > 0 else { return isFraction ? nil : notFinite(rest, isNegative) }
    if let byte = rest.first, byte | 0x20 == letterE {
      rest.removeFirst()
      var (sign, scale) = (1, 0)
      if let byte = rest.first, byte == plus || byte == minus {
        sign = byte == minus ? -1 : 1
        rest.removeFirst()
      }
      guard !rest.isEmpty else { return nil }
      while let byte = rest.first, byte &- zero < 10 {
        scale = min(scale * 10 + Int(byte - zero), 1_000_000)
        rest.removeFirst()
      }
      exponent += sign * scale
    }
    guard rest.isEmpty else { return nil }
    let double = isLong ? nil : exactly(mantissa, exponent)
    if let double, let single = rounded(double) { return isNegative ? (-single, -double) : (single, double) }
    // The standard library parses in the C locale and rounds correctly, but wants a string.
    let string = String(decoding: text, as: UTF8.self)
    guard let single = Float(string) else { return nil }
    return (single, Double(string) ?? Double(single))
  }

  /// mantissa · 10^exponent rounded once, where that can be had from one operation in double precision.
  ///
  /// Both factors are exact doubles, so the double is the nearest one (Clinger 1990).
  private static func exactly(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if mantissa == 0 { return 0 }
    guard mantissa <= 1 << 53, abs(exponent) < powers.count else { return nil }
    return exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
  }

  /// The nearest float to what `value` was rounded from; nil where the second rounding may go wrong: the double is a
  /// midpoint of two floats, or in the range of subnormal floats.
  private static func rounded(_ value: Double) -> Float? {
    if value == 0 { return 0 }
    guard value >= 0x1p-126, value.bitPattern & 0x1FFF_FFFF != 0x1000_0000 else { return nil }
    return Float(value)
  }

  private static func notFinite(_ text: some Collection<UInt8>, _ isNegative: Bool) -> (Float, Double)? {
    switch String(decoding: text, as: UTF8.self).lowercased() {
    case "nan": (.nan, .nan)
    case "inf", "infinity": isNegative ? (-.infinity, -.infinity) : (.infinity, .infinity)
    default: nil
    }
  }

  /// The powers of ten that a double holds exactly.
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  private static let (space, tab) = (UInt8(ascii: " "), UInt8(ascii: "\t"))
  private static let (plus, minus) = (UInt8(ascii: "+"), UInt8(ascii: "-"))
  private static let (zero, point, letterE) = (UInt8(ascii: "0"), UInt8(ascii: "."), UInt8(ascii: "e"))
}
