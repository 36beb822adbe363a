import Foundation
import Metrics

// Letters: t truth, p prediction, w weight of a row.

extension MeanAbsoluteError: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    numberBasis("absolute", of: rows) { t, p, _ in abs(p - t) }
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension MeanAbsolutePercentageError: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    numberBasis("percentage", of: rows) { t, p, row in
      guard t != 0 else { throw Undefined("the target is 0 in row \(row + 1)") }
      return abs(p - t) / abs(t)
    }
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension PinballLoss: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    let quantile = quantile
    return numberBasis("pinball-\(quantile)", of: rows) { t, p, _ in
      t >= p ? quantile * (t - p) : (1 - quantile) * (p - t)
    }
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension PoissonDeviance: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    numberBasis("poisson", of: rows) { t, p, row in
      guard t >= 0 else { throw Undefined("the target is below 0 in row \(row + 1)") }
      guard p > 0 else { throw Undefined("the prediction is not above 0 in row \(row + 1)") }
      return 2 * ((t > 0 ? t * log(t / p) : 0) - t + p)
    }
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension MeanSquaredError: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.numbers == nil ? nil : SquaresBasis() }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension RootMeanSquaredError: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.numbers == nil ? nil : SquaresBasis() }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    let mean = meanFigure(totals)
    return mean.value.map { .value($0.squareRoot()) } ?? mean
  }
}

extension RSquared: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.numbers == nil ? nil : SquaresBasis() }

  /// 1 - Σ w·(p - t)² / Σ w·(t - mean)².
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    let (squares, weight, sum, all) = (totals[0], totals[1], totals[2], totals[3])
    guard weight > 0 else { return .undefined(noWeight) }
    let variation = all - sum * sum / weight
    // What rounding leaves of numbers that are all the same.
    guard variation > all * 1e-12 else { return .undefined("the target is constant") }
    return .value(1 - squares / variation)
  }
}

private func numberBasis(
  _ key: String, of rows: JudgedRows,
  _ term: @escaping @Sendable (_ truth: Double, _ prediction: Double, _ row: Int) throws -> Double
) -> (any Basis)? {
  guard let numbers = rows.numbers else { return nil }
  return MeanBasis(key) { _, row in try term(numbers.target(row), numbers.prediction(row), row) }
}

/// Σ w·(p - t)², Σ w, Σ w·(t - r) and Σ w·(t - r)², where r is the mean of the truths: near it, no digits are lost.
private struct SquaresBasis: Basis {
  let key = "squares"

  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    guard let numbers = rows.numbers else { throw Undefined("no numbers are predicted") }
    var (errors, truths, mean) = ([Double](), [Double](), 0.0)
    for place in 0..<rows.count {
      let row = rows.row(place)
      let (t, error) = (numbers.target(row), numbers.prediction(row) - numbers.target(row))
      errors.append(error * error)
      truths.append(t)
      mean += (t - mean) / Double(place + 1)
    }
    let shifted = truths.map { $0 - mean }
    return PreparedSquares(
      errors: RowNumbers(errors), shifted: RowNumbers(shifted), squares: RowNumbers(shifted.map { $0 * $0 }))
  }
}

private struct PreparedSquares: PreparedBasis {
  let errors: RowNumbers<Double>
  let shifted: RowNumbers<Double>
  let squares: RowNumbers<Double>
  var work: Int { 3 * errors.count }

  func totals(_ weights: RowWeights) -> [Double] {
    let (sum, weight) = RowNumbers<Double>.weightedSum(errors, weights)
    return [
      sum, weight, RowNumbers<Double>.weightedSum(shifted, weights).sum,
      RowNumbers<Double>.weightedSum(squares, weights).sum,
    ]
  }
}
