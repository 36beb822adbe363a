import Preparation
import Tables

// Whole numbers in int64 but where said otherwise; all that is divided is not negative, so that ⌊a / b⌋ is `Div`.

extension DateColumn: ONNXColumn {
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    let isMissing = graph.add("Equal", x, graph.whole(.min))
    let instant = graph.choose(isMissing, graph.whole(0), else: x)
    let offset = graph.number(try fitted.number("offset")), scale = graph.number(try fitted.number("scale"))
    let days = graph.add("Div", graph.cast(instant, to: .float64), graph.number(86_400e6))
    let since = graph.add("Mul", graph.add("Sub", days, offset), scale)
    let clock = ONNXClock(instant, zoneMinutes: format.zoneMinutes, in: graph)
    let features = parts.flatMap { $0.features(clock, since: since, in: graph) }
      .map { graph.column(graph.cast($0, to: .float32)) }
    let hidden = graph.column(isMissing)
    // In the middle of everything.
    let own = graph.choose(
      hidden, graph.single(0), else: graph.add("Concat", all: features, with: ["axis": .int(1)]))
    guard fitted.numbers["indicator"] != nil else { return own }
    return graph.add("Concat", own, graph.cast(hidden, to: .float32), with: ["axis": .int(1)])
  }
}

extension DatePart {
  /// In double precision, before they are rounded.
  fileprivate func features(_ clock: ONNXClock, since: ONNXValue, in graph: ONNXGraph) -> [ONNXValue] {
    func scaled(_ number: ONNXValue, minus offset: Double, over spread: Double) -> [ONNXValue] {
      [graph.add("Div", graph.add("Sub", number, graph.number(offset)), graph.number(spread))]
    }
    func double(_ number: ONNXValue) -> ONNXValue { graph.cast(number, to: .float64) }
    return switch self {
    case .since: [since]
    case .year: scaled(double(clock.year), minus: 2000, over: 10)
    case .month: scaled(double(clock.month), minus: 6.5, over: 3.5)
    case .day: scaled(double(clock.day), minus: 16, over: 9)
    case .weekday: scaled(double(clock.weekday), minus: 3, over: 2)
    case .hour: scaled(graph.add("Mul", clock.dayShare, graph.number(24)), minus: 12, over: 7)
    case .yearCycle: graph.turn(clock.yearShare)
    case .weekCycle:
      graph.turn(graph.add("Div", graph.add("Add", double(clock.weekday), clock.dayShare), graph.number(7)))
    case .dayCycle: graph.turn(clock.dayShare)
    }
  }
}

/// What calendar and clock show: see `LocalClock`. Hinnant, *chrono-compatible low-level date algorithms*.
private struct ONNXClock {
  let year: ONNXValue, month: ONNXValue, day: ONNXValue
  /// 0 for Monday.
  let weekday: ONNXValue
  /// Of the day, of the year: in 0..<1, in double precision.
  let dayShare: ONNXValue, yearShare: ONNXValue

  init(_ instant: ONNXValue, zoneMinutes: Int, in graph: ONNXGraph) {
    func number(_ value: Int) -> ONNXValue { graph.whole(value) }
    func plus(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { graph.add("Add", a, b) }
    func minus(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { graph.add("Sub", a, b) }
    func times(_ factor: Int, _ a: ONNXValue) -> ONNXValue { graph.add("Mul", number(factor), a) }
    func quotient(_ a: ONNXValue, _ divisor: Int) -> ONNXValue { graph.add("Div", a, number(divisor)) }
    func double(_ a: ONNXValue) -> ONNXValue { graph.cast(a, to: .float64) }
    let day = 86_400_000_000
    let local = plus(instant, number(zoneMinutes * 60_000_000))
    // Not negative, also before 1970.
    let rest = graph.add("Mod", local, number(day))
    let days = quotient(minus(local, rest), day)
    // From the year 0 on, so that the era is not negative.
    let shifted = plus(days, number(719_468 + 146_097))
    let era = quotient(shifted, 146_097)
    let dayOfEra = minus(shifted, times(146_097, era))
    let days4 = plus(quotient(dayOfEra, 1460), quotient(dayOfEra, 146_096))
    let leaps = minus(quotient(dayOfEra, 36_524), days4)
    let yearOfEra = quotient(plus(dayOfEra, leaps), 365)
    let yearDays = plus(times(365, yearOfEra), minus(quotient(yearOfEra, 4), quotient(yearOfEra, 100)))
    let dayOfYear = minus(dayOfEra, yearDays)
    let place = quotient(plus(times(5, dayOfYear), number(2)), 153)
    month = plus(place, graph.choose(graph.add("Less", place, number(10)), number(3), else: number(-9)))
    let isEarly = graph.cast(graph.add("LessOrEqual", month, number(2)), to: .int64)
    year = plus(plus(yearOfEra, times(400, minus(era, number(1)))), isEarly)
    self.day = plus(minus(dayOfYear, quotient(plus(times(153, place), number(2)), 5)), number(1))
    weekday = graph.add("Mod", plus(days, number(3)), number(7))
    dayShare = graph.add("Div", double(rest), graph.number(86_400e6))
    // The days of the year so far: 306 from the first of March on belong to the year before the next January.
    let isLeap = Self.isLeap(year, in: graph)
    let fromMarch = plus(plus(dayOfYear, number(59)), isLeap)
    let ofYear = graph.choose(
      graph.add("LessOrEqual", month, number(2)), minus(dayOfYear, number(306)), else: fromMarch)
    yearShare = graph.add("Div", graph.add("Add", double(ofYear), dayShare), double(plus(number(365), isLeap)))
  }

  /// 1 or 0.
  private static func isLeap(_ year: ONNXValue, in graph: ONNXGraph) -> ONNXValue {
    func divides(_ divisor: Int) -> ONNXValue {
      graph.add("Equal", graph.add("Mod", year, graph.whole(divisor)), graph.whole(0))
    }
    let common = graph.add("And", divides(100), graph.add("Not", divides(400)))
    return graph.cast(graph.add("And", divides(4), graph.add("Not", common)), to: .int64)
  }
}

extension ONNXGraph {
  /// sin and cos of 2π·t, by the additions and multiplications of `PortableMath`.
  fileprivate func turn(_ t: ONNXValue) -> [ONNXValue] {
    let t = add("Sub", t, add("Floor", t))
    let place = add("Mul", t, number(4))
    // The nearest quarter, 0...4, halves up.
    var quarter = number(0.0)
    for bound in [0.5, 1.5, 2.5, 3.5] {
      quarter = add("Add", quarter, cast(add("GreaterOrEqual", place, number(bound)), to: .float64))
    }
    let x = add("Mul", add("Sub", t, add("Div", quarter, number(4.0))), number(6.283185307179586))
    let x2 = add("Mul", x, x)
    var (sine, cosine) = (number(0.0), number(0.0))
    for (a, b) in PortableMath.taylor {
      sine = add("Mul", x2, add("Add", number(a), sine))
      cosine = add("Mul", x2, add("Add", number(b), cosine))
    }
    let (s, c) = (add("Add", x, add("Mul", x, sine)), add("Add", number(1.0), cosine))
    func isQuarter(_ place: Double) -> ONNXValue { add("Equal", quarter, number(place)) }
    let (first, second, third) = (isQuarter(1), isQuarter(2), isQuarter(3))
    let swaps = add("Or", first, third)
    let (sin, cos) = (choose(swaps, c, else: s), choose(swaps, s, else: c))
    // By a factor of 1 or -1, which keeps the sign of a zero.
    func negated(_ value: ONNXValue, where condition: ONNXValue) -> ONNXValue {
      let twice = add("Mul", cast(condition, to: .float64), number(2))
      return add("Mul", value, add("Sub", number(1), twice))
    }
    return [negated(sin, where: add("Or", second, third)), negated(cos, where: add("Or", first, second))]
  }
}
