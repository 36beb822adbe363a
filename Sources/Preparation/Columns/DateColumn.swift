import Configuration
import Diagnostics
import Tables
import Tensors

/// A column of dates or times: how long ago, and where in the year, the week and the day.
package struct DateColumn: ColumnKind {
  package static let kind = "date"
  package static let summary = "dates or times: how late, and where in the year, the week and the day"

  package let format: DateFormat
  package let parts: [DatePart]
  private let dropsMissing: Bool

  private enum Missing: String, CaseIterable {
    case mean
    case dropRow = "drop-row"
  }

  package init(_ settings: ConfigReader) throws {
    format = try settings.dateFormat()
    let usual: [DatePart] = [.since, .yearCycle, .weekCycle]
    parts = try settings.strings("parts", default: usual.map(\.rawValue)).map { word in
      if let part = DatePart(rawValue: word) { return part }
      let words = DatePart.allCases.map(\.rawValue)
      throw settings.failure(
        at: "parts", "expected parts of \(words.joined(separator: ", ")), found \(word)",
        cure: nearest(to: word, among: words).map { "did you mean \($0)?" })
    }
    guard !parts.isEmpty, Set(parts).count == parts.count else {
      throw settings.failure(at: "parts", "expected distinct parts, at least one", cure: "name each of them once")
    }
    dropsMissing = try settings.option("missing", of: Missing.self, default: .mean) == .dropRow
  }

  package var storage: ColumnStorage { .instants(format) }
  package var requiresValue: Bool { dropsMissing }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    let instants = column.instants
    guard !instants.isEmpty else {
      throw column.failure("expected dates in training rows, found none", cure: "leave it out of the columns")
    }
    // Days, so that the sums stay small.
    let days = instants.map { $0 / 86_400e6 }
    let (mean, deviation) = Statistics.moments(days)
    var fitted = FittedColumn(numbers: LinearScale.fitted(offset: mean, spread: deviation))
    if instants.count < column.count { fitted.numbers["indicator"] = [1] }
    return fitted
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    Encoder(
      parts: parts, linear: try LinearScale(fitted), zoneMinutes: format.zoneMinutes,
      tellsMissing: fitted.numbers["indicator"] != nil)
  }

  private struct Encoder: ColumnEncoder {
    let parts: [DatePart]
    let linear: LinearScale
    let zoneMinutes: Int
    let tellsMissing: Bool

    var suffixes: [String] { parts.flatMap(\.suffixes) + (tellsMissing ? [" missing"] : []) }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      guard case .instants(let instants) = values.coded else { preconditionFailure("dates are kept as instants") }
      let width = suffixes.count
      var clocks = [LocalClock](repeating: LocalClock(0, zoneMinutes: 0), count: DatePart.rows)
      var since = SIMD8<Double>(repeating: 0)
      for first in Swift.stride(from: 0, to: values.count, by: DatePart.rows) {
        let rows = first..<min(first + DatePart.rows, values.count)
        for (lane, row) in rows.enumerated() {
          let instant = instants[row] == CodedColumn.missingInstant ? 0 : instants[row]
          clocks[lane] = LocalClock(instant, zoneMinutes: zoneMinutes)
          since[lane] = (Double(instant) / 86_400e6 - linear.offset) * linear.scale
        }
        var place = features + first * stride
        for part in parts { part.write(clocks, since: since, to: &place, stride: stride, rows: rows.count) }
        for row in rows {
          let own = features + row * stride
          let isMissing = instants[row] == CodedColumn.missingInstant
          // In the middle of everything.
          if isMissing { own.update(repeating: 0, count: width) }
          if tellsMissing { own[width - 1] = isMissing ? 1 : 0 }
        }
      }
    }
  }
}

/// What is taken of a date.
package enum DatePart: String, CaseIterable, Sendable {
  /// How late, to mean 0 and deviation 1.
  case since
  case year, month, day, weekday, hour
  /// Sine and cosine of the place in the year, the week, the day.
  case yearCycle = "year-cycle"
  case weekCycle = "week-cycle"
  case dayCycle = "day-cycle"

  var suffixes: [String] {
    switch self {
    case .yearCycle, .weekCycle, .dayCycle: [" \(rawValue) sin", " \(rawValue) cos"]
    default: [" \(rawValue)"]
    }
  }

  /// Rows at a time.
  static let rows = 8

  /// Writes numbers of about 1, of years decades from 2000, to the features of some rows, which lie `stride` apart, and moves
  /// `features` behind them.
  func write(
    _ clocks: [LocalClock], since: SIMD8<Double>, to features: inout UnsafeMutablePointer<Float>, stride: Int, rows: Int
  ) {
    func put(_ numbers: SIMD8<Double>) {
      for row in 0..<rows { features[row * stride] = Float(numbers[row]) }
      features += 1
    }
    func each(_ number: (LocalClock) -> Double) -> SIMD8<Double> {
      var numbers = SIMD8<Double>(repeating: 0)
      for row in 0..<rows { numbers[row] = number(clocks[row]) }
      return numbers
    }
    func cycle(_ share: (LocalClock) -> Double) {
      let (sine, cosine) = PortableMath.turn(each(share))
      put(sine)
      put(cosine)
    }
    switch self {
    case .since: put(since)
    case .year: put(each { Double($0.year - 2000) / 10 })
    case .month: put(each { (Double($0.month) - 6.5) / 3.5 })
    case .day: put(each { (Double($0.day) - 16) / 9 })
    case .weekday: put(each { (Double($0.weekday) - 3) / 2 })
    case .hour: put(each { ($0.dayShare * 24 - 12) / 7 })
    case .yearCycle: cycle { $0.yearShare }
    case .weekCycle: cycle { (Double($0.weekday) + $0.dayShare) / 7 }
    case .dayCycle: cycle { $0.dayShare }
    }
  }
}

/// What calendar and clock show at a point in time.
struct LocalClock {
  let year: Int, month: Int, day: Int
  /// 0 for Monday.
  let weekday: Int
  /// Of the day, of the year: in 0..<1.
  let dayShare: Double, yearShare: Double

  /// `zoneMinutes` is what clocks show more than UTC.
  init(_ instant: Int64, zoneMinutes: Int) {
    let (days, rest) = (Int(instant) + zoneMinutes * 60_000_000).quotientRounded(by: 86_400_000_000)
    (year, month, day) = CivilCalendar.date(days)
    weekday = CivilCalendar.weekday(days)
    dayShare = Double(rest) / 86_400e6
    let start = CivilCalendar.days(year, 1, 1)
    yearShare = (Double(days - start) + dayShare) / (CivilCalendar.isLeap(year) ? 366 : 365)
  }
}
