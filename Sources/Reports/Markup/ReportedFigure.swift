import Diagnostics
import Foundation

/// A number as a page tells it: with the digits that are known, and no more.
package struct ReportedFigure: Sendable, Equatable {
  package var value: Double
  /// Where it lies with a probability that the page tells; nil: nobody has computed it.
  package var interval: ClosedRange<Double>?
  /// Rows that it is of; nil: unknown.
  package var rows: Int?
  /// Whether it is a share of rows, 0 to 1.
  package var isShare = false

  package init(_ value: Double, interval: ClosedRange<Double>? = nil, rows: Int? = nil, isShare: Bool = false) {
    (self.value, self.interval, self.rows, self.isShare) = (value, interval, rows, isShare)
  }

  /// How far it may be off, as far as anybody knows: half its interval, or that of a share of so many rows at 95 %.
  private var doubt: Double? {
    if let interval { return (interval.upperBound - interval.lowerBound) / 2 }
    guard isShare, let rows, rows > 0 else { return nil }
    let share = min(max(value, 0), 1)
    return max(1.96 * (share * (1 - share) / Double(rows)).squareRoot(), 0.5 / Double(rows))
  }

  /// Digits behind the point: two of the doubt, or four that are no zeros.
  package var decimals: Int {
    if let doubt, doubt > 0, doubt.isFinite { return Self.decimals(of: doubt, digits: 2) }
    return Self.decimals(of: value, digits: 4)
  }

  private static func decimals(of value: Double, digits: Int) -> Int {
    guard value != 0, value.isFinite else { return digits - 1 }
    return min(max(digits - 1 - Int(log10(abs(value)).rounded(.down)), 0), 12)
  }

  /// `0.805`, `1,234.5`
  package var text: String { Self.text(value, decimals: decimals) }

  /// `0.778 to 0.830`; nil: there is none.
  package var intervalText: String? {
    interval.map {
      "\(Self.text($0.lowerBound, decimals: decimals)) to \(Self.text($0.upperBound, decimals: decimals))"
    }
  }

  /// `80.5 %` of a share.
  package var percent: String { "\(Self.text(100 * value, decimals: max(0, decimals - 2))) %" }

  /// The same of several that stand in a column: with as many decimals as the least certain one allows.
  package static func percents(_ figures: [ReportedFigure]) -> [String] {
    let decimals = max(0, (figures.map(\.decimals).min() ?? 0) - 2)
    return figures.map { "\(text(100 * $0.value, decimals: decimals)) %" }
  }

  /// So many decimals, thousands in groups; large and tiny ones by a power of ten; words where it is no number.
  package static func text(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "undefined" : value > 0 ? "infinite" : "−infinite" }
    if abs(value) >= 1e12 || value != 0 && abs(value) < 1e-6 { return power(value) }
    let text = fixed(abs(value), decimals)
    let parts = text.split(separator: ".", maxSplits: 1)
    let whole = Int(parts[0]).map(grouped) ?? String(parts[0])
    let isZero = !text.contains { ("1"..."9").contains($0) }
    return (value < 0 && !isZero ? "−" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// With four digits that are no zeros, trailing zeros left out: `0.25`, `12.34`, `1,234`.
  package static func short(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite, abs(value) < 1e12, value == 0 || abs(value) >= 1e-6 else { return text(value, decimals: 0) }
    var text = text(value, decimals: decimals(of: value, digits: digits))
    guard text.contains(".") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  private static func power(_ value: Double) -> String {
    String(format: "%.3g", value).replacing("e+", with: "e").replacing("-", with: "−")
  }
}

/// Seconds as `0.21 s`, `36.7 s`, `3:05 min`, `2:03:04 h`.
package func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "unknown" }
  if seconds < 100 { return "\(ReportedFigure.short(seconds, digits: 3)) s" }
  let whole = Int(seconds.rounded())
  if whole < 3600 { return String(format: "%d:%02d min", whole / 60, whole % 60) }
  return String(format: "%d:%02d:%02d h", whole / 3600, whole / 60 % 60, whole % 60)
}
