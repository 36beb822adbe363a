import Foundation
import Metrics

extension LogLoss: JudgedMetric {
  /// As scikit-learn clips doubles.
  private static let epsilon = 0x1p-52

  public func basis(of rows: JudgedRows) -> (any Basis)? {
    guard let classes = rows.classes else { return nil }
    return MeanBasis("log-loss") { _, row in
      let p = classes.probability(of: classes.target(row), row)
      return -log(min(max(p, Self.epsilon), 1 - Self.epsilon))
    }
  }

  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension BrierScore: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    guard let classes = rows.classes else { return nil }
    let count = classes.names.count
    return MeanBasis("brier-score") { _, row in
      let target = classes.target(row)
      func square(_ number: Int) -> Double {
        let error = classes.probability(of: number, row) - (target == number ? 1 : 0)
        return error * error
      }
      return count == 2 ? square(classes.positive) : (0..<count).reduce(0) { $0 + square($1) }
    }
  }

  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension TopK: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    guard let classes = rows.classes else { return nil }
    let k = k
    return MeanBasis("top-\(k)") { _, row in
      let place = TruePlace(classes, row)
      return place.better + place.equalBefore < k ? 1 : 0
    }
  }

  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

/// Where the true class of a row stands among all, by their scores.
struct TruePlace {
  /// Classes with a larger one.
  private(set) var better = 0
  /// Classes with the same one: those before it, and all, itself among them.
  private(set) var equalBefore = 0
  private(set) var equal = 0

  init(_ classes: JudgedClasses, _ row: Int) {
    let target = classes.target(row)
    let own = classes.probability(of: target, row)
    for number in classes.names.indices {
      let other = classes.probability(of: number, row)
      if other > own { better += 1 }
      if other == own {
        equal += 1
        if number < target { equalBefore += 1 }
      }
    }
  }

  /// The mean of what the places give that it shares with its equals; places are counted from 1, those beyond `k` give nothing.
  func mean(within k: Int, _ gain: (_ place: Int) -> Double) -> Double {
    let (first, last) = (better + 1, min(better + equal, k))
    guard first <= last else { return 0 }
    return (first...last).reduce(0) { $0 + gain($1) } / Double(equal)
  }
}
