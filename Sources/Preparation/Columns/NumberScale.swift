import Configuration
import Diagnostics
import Tensors

/// What brings numbers to a common scale: a kind, with its settings.
public protocol NumberScale: NamedKind, Sendable {
  init(_ settings: ConfigReader) throws
  /// Named numbers, taken from training values alone, at least one.
  func fitted(on numbers: NumberStream) -> [String: [Double]]
  /// What was fitted. Throws bad data where that is none of its own.
  func fittedScale(_ fitted: FittedColumn) throws -> any FittedScale
}

extension NumberScale {
  /// Of an `offset` and a `scale`: (x - offset) · scale.
  public func fittedScale(_ fitted: FittedColumn) throws -> any FittedScale { try LinearScale(fitted) }
}

/// A scale with what it was fitted to.
public protocol FittedScale: Sendable {
  /// Overwrites numbers, which are finite, with what they are on the scale.
  func apply(to numbers: inout [Double])
}

/// The scales that a configuration can name.
public let numberScaleKinds = Registry<any NumberScale.Type>(
  [StandardScale.self, MinMaxScale.self, RobustScale.self, LogScale.self, QuantileScale.self, NoScale.self],
  named: { $0.kind }, summary: { $0.summary })

/// (x - offset) · scale
struct LinearScale: FittedScale {
  let offset: Double
  let scale: Double

  init(_ fitted: FittedColumn) throws { (offset, scale) = (try fitted.number("offset"), try fitted.number("scale")) }

  func apply(to numbers: inout [Double]) {
    for place in numbers.indices { numbers[place] = (numbers[place] - offset) * scale }
  }

  /// 1 / spread; 1 where all numbers are the same. A spread that is too large for a number makes a scale that is none.
  static func fitted(offset: Double, spread: Double) -> [String: [Double]] {
    ["offset": [offset], "scale": [spread == 0 || !(1 / spread).isFinite ? 1 : spread.isFinite ? 1 / spread : .nan]]
  }
}

package struct StandardScale: NumberScale {
  package static let kind = "standard"
  package static let summary = "to mean 0 and deviation 1"
  package init(_ settings: ConfigReader) {}
  package func fitted(on numbers: NumberStream) -> [String: [Double]] {
    let (mean, deviation) = Statistics.moments(numbers)
    return LinearScale.fitted(offset: mean, spread: deviation)
  }
}

package struct MinMaxScale: NumberScale {
  package static let kind = "min-max"
  package static let summary = "to 0...1"
  package init(_ settings: ConfigReader) {}
  package func fitted(on numbers: NumberStream) -> [String: [Double]] {
    let (least, largest) = Statistics.range(of: numbers) ?? (0, 0)
    return LinearScale.fitted(offset: least, spread: largest - least)
  }
}

package struct RobustScale: NumberScale {
  package static let kind = "robust"
  package static let summary = "to median 0 and a distance of 1 between the quartiles"
  package init(_ settings: ConfigReader) {}
  package func fitted(on numbers: NumberStream) -> [String: [Double]] {
    let quartiles = Statistics.quantiles([0.25, 0.5, 0.75], of: numbers)
    return LinearScale.fitted(offset: quartiles[1], spread: quartiles[2] - quartiles[0])
  }
}

/// sign(x) · ln(1 + |x|), and of that the standard scale.
package struct LogScale: NumberScale {
  package static let kind = "log1p"
  package static let summary = "the logarithm of 1 + |x| with the sign of x, to mean 0 and deviation 1"
  package init(_ settings: ConfigReader) {}
  package func fitted(on numbers: NumberStream) -> [String: [Double]] {
    let (mean, deviation) = Statistics.moments(numbers.map(PortableMath.signedLog1p))
    return LinearScale.fitted(offset: mean, spread: deviation)
  }
  package func fittedScale(_ fitted: FittedColumn) throws -> any FittedScale { Fitted(linear: try LinearScale(fitted)) }

  private struct Fitted: FittedScale {
    let linear: LinearScale
    func apply(to numbers: inout [Double]) {
      for place in numbers.indices { numbers[place] = PortableMath.signedLog1p(numbers[place]) }
      linear.apply(to: &numbers)
    }
  }
}

/// The share of training values below, piecewise linear between up to 1,000 of their quantiles, to -1...1.
package struct QuantileScale: NumberScale {
  package static let kind = "quantile"
  package static let summary = "the share of training values below, as a number in -1...1"
  package init(_ settings: ConfigReader) {}
  package func fitted(on numbers: NumberStream) -> [String: [Double]] {
    let count = min(1000, numbers.count)
    let shares = (0..<count).map { count > 1 ? Double($0) / Double(count - 1) : 0 }
    return ["knots": Statistics.quantiles(shares, of: numbers)]
  }
  package func fittedScale(_ fitted: FittedColumn) throws -> any FittedScale {
    guard let knots = fitted.numbers["knots"], !knots.isEmpty, knots.allSatisfy(\.isFinite),
      zip(knots, knots.dropFirst()).allSatisfy({ $0 <= $1 })
    else { throw Failure(.badData, "expected rising knots in what was fitted", cure: "use another checkpoint") }
    return Fitted(knots: knots)
  }

  private struct Fitted: FittedScale {
    let knots: [Double]
    func apply(to numbers: inout [Double]) {
      for place in numbers.indices { numbers[place] = 2 * share(numbers[place]) - 1 }
    }

    /// The middle of where a value would stand among the knots, in 0...1.
    private func share(_ x: Double) -> Double {
      // The least and the largest are the ends, however often they occur (as scikit-learn has it).
      if x <= knots[0] { return 0 }
      if x >= knots[knots.count - 1] { return 1 }
      let (low, high) = (bound { $0 < x }, bound { $0 <= x })
      let last = Double(knots.count - 1)
      // Among equal knots, the middle of them.
      if high > low { return (Double(low) + Double(high - 1)) / 2 / last }
      let (a, b) = (knots[low - 1], knots[low])
      return (Double(low - 1) + (x - a) / (b - a)) / last
    }

    /// The first knot for which `isBelow` is false.
    private func bound(_ isBelow: (Double) -> Bool) -> Int {
      var (low, high) = (0, knots.count)
      while low < high {
        let middle = (low + high) / 2
        if isBelow(knots[middle]) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }
}

package struct NoScale: NumberScale {
  package static let kind = "none"
  package static let summary = "as they are"
  package init(_ settings: ConfigReader) {}
  package func fitted(on numbers: NumberStream) -> [String: [Double]] { LinearScale.fitted(offset: 0, spread: 1) }
}
