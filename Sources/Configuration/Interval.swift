/// A set of numbers that a setting may have, and the words for it in a message.
///
/// Swift's ranges are intervals; those that leave out their lower end are `.above(…)`.
public protocol Interval<Bound> {
  associatedtype Bound: Comparable
  func contains(_ value: Bound) -> Bool
  /// Follows "a number": ` greater than 0`, ` from 1 to 8`; empty where anything goes.
  var phrase: String { get }
  /// Its ends.
  var limits: Limits<Bound> { get }
}

/// The ends of an interval; nil where there is none.
public struct Limits<Bound> {
  public var least: Bound?
  public var most: Bound?
  /// Whether they belong to it.
  public var includesLeast = true
  public var includesMost = true
}

extension PartialRangeFrom: Interval {
  public var limits: Limits<Bound> { Limits(least: lowerBound) }
  public var phrase: String { " of at least \(short(lowerBound))" }
}

extension PartialRangeThrough: Interval {
  public var limits: Limits<Bound> { Limits(most: upperBound) }
  public var phrase: String { " of at most \(short(upperBound))" }
}

extension PartialRangeUpTo: Interval {
  public var limits: Limits<Bound> { Limits(most: upperBound, includesMost: false) }
  public var phrase: String { " less than \(short(upperBound))" }
}

extension ClosedRange: Interval {
  public var limits: Limits<Bound> { Limits(least: lowerBound, most: upperBound) }
  public var phrase: String {
    lowerBound == upperBound ? " of exactly \(short(lowerBound))" : " from \(short(lowerBound)) to \(short(upperBound))"
  }
}

extension Range: Interval {
  public var limits: Limits<Bound> { Limits(least: lowerBound, most: upperBound, includesMost: false) }
  public var phrase: String { " of at least \(short(lowerBound)) and less than \(short(upperBound))" }
}

/// All numbers.
public struct Unbounded<Bound: Comparable>: Interval {
  public init() {}
  public func contains(_ value: Bound) -> Bool { true }
  public var phrase: String { "" }
  public var limits: Limits<Bound> { Limits() }
}

/// Numbers greater than one bound and, perhaps, limited by another.
public struct OpenInterval: Interval {
  enum Upper: Sendable {
    case none
    case below(Double)
    case through(Double)
  }
  let lower: Double
  let upper: Upper

  public func contains(_ value: Double) -> Bool {
    switch upper {
    case .none: value > lower
    case .below(let upper): value > lower && value < upper
    case .through(let upper): value > lower && value <= upper
    }
  }

  public var phrase: String {
    switch upper {
    case .none: " greater than \(short(lower))"
    case .below(let upper): " greater than \(short(lower)) and less than \(short(upper))"
    case .through(let upper): " greater than \(short(lower)) and at most \(short(upper))"
    }
  }

  public var limits: Limits<Double> {
    switch upper {
    case .none: Limits(least: lower, includesLeast: false)
    case .below(let upper): Limits(least: lower, most: upper, includesLeast: false, includesMost: false)
    case .through(let upper): Limits(least: lower, most: upper, includesLeast: false)
    }
  }
}

extension Interval where Self == OpenInterval {
  /// Numbers greater than `lower`.
  public static func above(_ lower: Double) -> OpenInterval { OpenInterval(lower: lower, upper: .none) }
  /// Numbers between the two, without either.
  public static func above(_ lower: Double, below upper: Double) -> OpenInterval {
    OpenInterval(lower: lower, upper: .below(upper))
  }
  /// Numbers between the two, without the lower one.
  public static func above(_ lower: Double, through upper: Double) -> OpenInterval {
    OpenInterval(lower: lower, upper: .through(upper))
  }
}

/// `0` rather than `0.0`.
private func short(_ value: some Comparable) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
