import Diagnostics
import Foundation

/// One direction of a chart: from values to places between 0 and 1, and the round numbers that stand at it.
package struct Axis: Sendable, Equatable {
  /// What the drawing covers, not empty.
  package let range: ClosedRange<Double>
  /// Round numbers in the range, ascending.
  package let ticks: [Double]
  private let decimals: Int

  /// Of a known range.
  package init(_ range: ClosedRange<Double>, ticks count: Int = 5) {
    let (low, high) = (range.lowerBound, range.upperBound)
    precondition(low < high && low.isFinite && high.isFinite, "an axis needs a range, found \(low) to \(high)")
    self.range = range
    let step = Self.step(for: high - low, count)
    (ticks, decimals) = Self.ticks(in: range, step: step)
  }

  /// That covers all finite values, and a little more so that its ends are round numbers.
  package init(covering values: some Sequence<Double>, withZero: Bool = false, ticks count: Int = 5) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && abs(value) < 1e300 {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high { (low, high) = (0, 1) }
    if withZero { (low, high) = (min(low, 0), max(high, 0)) }
    if high - low <= abs(high) * 1e-9 {
      let room = high == 0 ? 1 : abs(high) * 0.1
      (low, high) = (low - room, high + room)
    }
    let step = Self.step(for: high - low, count)
    let (first, last) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
    range = first...last
    (ticks, decimals) = Self.ticks(in: range, step: step)
  }

  /// 1, 2 or 5 times a power of ten, so that about so many steps make up the length.
  private static func step(for length: Double, _ count: Int) -> Double {
    let rough = length / Double(max(1, count))
    let power = pow(10, log10(rough).rounded(.down))
    let ratio = rough / power
    return (ratio <= 1.0001 ? 1 : ratio <= 2.0001 ? 2 : ratio <= 5.0001 ? 5 : 10) * power
  }

  private static func ticks(in range: ClosedRange<Double>, step: Double) -> ([Double], Int) {
    let (low, high) = (range.lowerBound, range.upperBound)
    let first = (low / step - 1e-6).rounded(.up)
    let last = (high / step + 1e-6).rounded(.down)
    let count = min(20, max(0, Int(last - first)))
    let decimals = min(12, max(0, Int((-log10(step) - 1e-9).rounded(.up))))
    return ((0...count).map { (first + Double($0)) * step }, decimals)
  }

  /// 0 at the lower end, 1 at the upper one.
  package func place(_ value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// `0.25`, `20k`, `1.5M`
  package func label(_ tick: Double) -> String {
    let size = max(abs(range.lowerBound), abs(range.upperBound))
    if size >= 1e12 || size < 1e-4 { return ReportedFigure.short(tick, digits: 3) }
    if size >= 2e9 { return ReportedFigure.short(tick / 1e9, digits: 4) + (tick == 0 ? "" : "G") }
    if size >= 2e6 { return ReportedFigure.short(tick / 1e6, digits: 4) + (tick == 0 ? "" : "M") }
    if size >= 2e4 { return ReportedFigure.short(tick / 1e3, digits: 4) + (tick == 0 ? "" : "k") }
    return ReportedFigure.text(tick, decimals: decimals)
  }
}
