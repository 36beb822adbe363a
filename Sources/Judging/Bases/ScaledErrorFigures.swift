import Metrics

// Letters: t truth, p prediction, f naive forecast, s scale of a series.

extension MeanAbsoluteScaledError: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    rows.numbers == nil ? nil : ScaledErrorBasis(naive: naive, series: series)
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

/// The weighted mean of |p - t| / s.
private struct ScaledErrorBasis: Basis {
  let naive: String
  let series: String?
  var key: String { "scaled-by-\(naive)" + (series.map { "-by-\($0)" } ?? "") }

  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    guard let numbers = rows.numbers else { throw Undefined("no numbers are predicted") }
    let own = try series.map { column throws(Undefined) in try rows.words(of: column) }
    let scales = try scales(rows.trainingTruth(), own?.words ?? [""])
    return try MeanBasis(key) { _, row in
      let place = own.map { Int($0.codes[row]) } ?? 0
      guard place >= 0 else { throw Undefined("there is no \(series ?? "") in row \(row + 1)") }
      return abs(numbers.prediction(row) - numbers.target(row)) / (try scale(scales[place], own?.words[place]))
    }.prepared(rows)
  }

  private func scale(_ found: (sum: Double, count: Int), _ word: String?) throws -> Double {
    let rows = "training row" + (word.map { " with \(series ?? "") \($0)" } ?? "")
    guard found.count > 0 else { throw Undefined("no \(rows) has a naive forecast (\(naive))") }
    guard found.sum > 0 else { throw Undefined("the naive forecast (\(naive)) is right in each \(rows)") }
    return found.sum / Double(found.count)
  }

  /// Of each series, Σ |f - t| over training rows that have a forecast, in their order, and how many these are.
  private func scales(_ training: TrainingTruth, _ words: [String]) throws -> [(sum: Double, count: Int)] {
    guard case .numbers(let targets) = training.targets else { throw Undefined("the training rows have no numbers") }
    guard case .numbers(let forecasts)? = training.columns[naive] else {
      throw Undefined("the training rows have no column \(naive)")
    }
    let codes = try series.map { column throws(Undefined) in try training.codes(of: column, among: words) }
    var scales = [(sum: Double, count: Int)](repeating: (0, 0), count: words.count)
    for row in 0..<targets.count where !forecasts[row].isNaN {
      let place = codes.map { Int($0[row]) } ?? 0
      guard place >= 0 else { continue }
      scales[place].sum += abs(Double(forecasts[row]) - targets[row])
      scales[place].count += 1
    }
    return scales
  }
}
