import Metrics

/// The weighted median of |p - t|: the least error that half of the weight is at or below; where exactly half is, the mean
/// of it and the next one, as scikit-learn has it.
private struct MedianBasis: Basis {
  let key = "median"

  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    guard let numbers = rows.numbers else { throw Undefined("no numbers are predicted") }
    let errors = (0..<rows.count).map { place in
      let row = rows.row(place)
      return abs(numbers.prediction(row) - numbers.target(row))
    }
    let order = (0..<Int32(rows.count)).sorted {
      let (a, b) = (errors[Int($0)], errors[Int($1)])
      return a == b ? $0 < $1 : a < b
    }
    return PreparedMedian(places: RowNumbers(order), errors: RowNumbers(order.map { errors[Int($0)] }))
  }
}

private struct PreparedMedian: PreparedBasis {
  let places: RowNumbers<Int32>
  /// Ascending.
  let errors: RowNumbers<Double>
  var work: Int { 3 * places.count }

  /// The median, and Σ w.
  func totals(_ weights: RowWeights) -> [Double] {
    var total = 0.0
    for place in 0..<places.count { total += weights[Int(places[place])] }
    guard total > 0 else { return [0, 0] }
    var (below, half) = (0.0, -1)
    for place in 0..<places.count {
      let weight = weights[Int(places[place])]
      guard weight > 0 else { continue }
      if half >= 0 { return [(errors[half] + errors[place]) / 2, total] }
      below += weight
      if 2 * below > total { return [errors[place], total] }
      if 2 * below == total { half = place }
    }
    return [errors[max(0, half)], total]
  }
}

extension MedianAbsoluteError: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.numbers == nil ? nil : MedianBasis() }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    Figure(totals[1] > 0 ? totals[0] : nil, otherwise: noWeight)
  }
}
