/// Whole numbers divided by a power of ten, as the nearest doubles.
enum DecimalNumber {
  /// Digits behind the point, at most: those of 256 bits.
  static let largestScale = 76
  /// Bytes of a number, at most.
  static let largestWidth = 32

  /// Powers of ten that are doubles without rounding.
  private static let exactPowers: [Double] = (0..<22).reduce(into: [1]) { powers, _ in powers.append(powers.last! * 10)
  }
  private static let largestExact: UInt64 = 1 << 53

  static func value(_ number: Int64, scale: Int) -> Double {
    // Where both are exact, one division rounds once.
    guard number.magnitude > largestExact || scale >= exactPowers.count else {
      return Double(number) / exactPowers[scale]
    }
    return value("\(number)", scale: scale)
  }

  /// Of a number in two's complement, its big end first; throws a `Fault` where it has more than `largestWidth` bytes.
  static func value(bigEndian bytes: UnsafeRawBufferPointer, scale: Int) throws -> Double {
    guard 1...largestWidth ~= bytes.count else {
      throw Fault("expected decimals of 1 to \(largestWidth) bytes, found \(bytes.count)")
    }
    let isNegative = bytes[0] >= 0x80
    guard bytes.count > 8 else {
      return value(bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) }, scale: scale)
    }
    var magnitude = Array(bytes)
    if isNegative { negate(&magnitude) }
    return value((isNegative ? "-" : "") + digits(&magnitude), scale: scale)
  }

  private static func value(_ digits: String, scale: Int) -> Double {
    guard let value = Double("\(digits)e-\(scale)") else { preconditionFailure("no number: \(digits)e-\(scale)") }
    return value
  }

  /// Two's complement of a number, its big end first.
  private static func negate(_ bytes: inout [UInt8]) {
    var carry = true
    for index in bytes.indices.reversed() {
      let (sum, overflows) = (~bytes[index]).addingReportingOverflow(carry ? 1 : 0)
      (bytes[index], carry) = (sum, carry && overflows)
    }
  }

  /// The digits of a number without sign, its big end first, which becomes 0.
  private static func digits(_ bytes: inout [UInt8]) -> String {
    var groups: [String] = []
    repeat {
      var rest: UInt64 = 0
      for index in bytes.indices {
        let part = rest << 8 | UInt64(bytes[index])
        (bytes[index], rest) = (UInt8(part / 1_000_000_000), part % 1_000_000_000)
      }
      let group = String(rest)
      groups.append(String(repeating: "0", count: 9 - group.count) + group)
    } while bytes.contains { $0 != 0 }
    return groups.reversed().joined()
  }
}
