import Foundation

/// A number with a fixed number of decimals.
package func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

/// With the fewest digits that tell it from its neighbours; a whole number without a point, below 1e15.
package func shortest(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
}

/// 1234567 as `1,234,567`.
package func grouped(_ value: Int) -> String {
  let digits = Array(String(value.magnitude))
  let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[max(0, $0 - 3)..<$0]) }
  return (value < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
}

/// `1 rank`, `2 ranks`
package func count(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }

/// A number of bytes: `0`, `512 B`, `2.7 MB`, `3.0 GB`; by powers of ten.
package func byteText(_ bytes: Double) -> String {
  switch bytes {
  case ..<0.5: "0"
  case ..<999.5: "\(Int(bytes.rounded())) B"
  case ..<999_950: "\(fixed(bytes / 1e3, 1)) kB"
  case ..<999_950_000: "\(fixed(bytes / 1e6, 1)) MB"
  default: "\(fixed(bytes / 1e9, 1)) GB"
  }
}

extension String {
  /// This text and spaces behind it, `width` characters at least: how names stand in a column.
  package func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// Spaces and this text behind them, `width` characters at least: how numbers stand in a column.
  package func indented(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
