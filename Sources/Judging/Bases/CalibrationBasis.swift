import Metrics

/// Weight, Σ w·p and Σ w·y of bins of equal width over 0...1: p is the probability of the positive class of two and y
/// whether a row has it, of more classes the probability of the predicted one and whether it is right.
struct CalibrationBasis: Basis {
  let bins: Int
  var key: String { "calibration-\(bins)" }

  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    guard let classes = rows.classes else { throw Undefined("no classes are predicted") }
    var (places, terms, hits) = ([Int32](), [Double](), [UInt8]())
    for place in 0..<rows.count {
      let row = rows.row(place)
      let looked = classes.names.count == 2 ? classes.positive : classes.prediction(row)
      let p = classes.probability(of: looked, row)
      places.append(Int32(Self.bin(of: p, among: bins)))
      terms.append(p)
      hits.append(classes.target(row) == looked ? 1 : 0)
    }
    return PreparedCalibration(
      bins: bins, places: RowNumbers(places), terms: RowNumbers(terms), hits: RowNumbers(hits))
  }

  /// How many of the edges between bins, k/M for k = 1..<M, lie below p: as scikit-learn's `calibration_curve` has it.
  static func bin(of p: Double, among bins: Int) -> Int {
    let step = 1 / Double(bins)
    var bin = min(max(Int(p / step), 0), bins - 1)
    while bin > 0, Double(bin) * step >= p { bin -= 1 }
    while bin < bins - 1, Double(bin + 1) * step < p { bin += 1 }
    return bin
  }
}

private struct PreparedCalibration: PreparedBasis {
  let bins: Int
  let places: RowNumbers<Int32>
  let terms: RowNumbers<Double>
  let hits: RowNumbers<UInt8>
  var work: Int { 2 * places.count + 3 * bins }

  func totals(_ weights: RowWeights) -> [Double] {
    var totals = [Double](repeating: 0, count: 3 * bins)
    totals.withUnsafeMutableBufferPointer { totals in
      for place in 0..<places.count {
        let (first, weight) = (3 * Int(places[place]), weights[place])
        totals[first] += weight
        totals[first + 1] += weight * terms[place]
        totals[first + 2] += weight * Double(hits[place])
      }
    }
    return totals
  }
}

extension CalibrationError: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.classes == nil ? nil : CalibrationBasis(bins: bins) }

  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    var (error, weight) = (0.0, 0.0)
    for first in stride(from: 0, to: totals.count, by: 3) {
      error += abs(totals[first + 1] - totals[first + 2])
      weight += totals[first]
    }
    return Figure(weight > 0 ? error / weight : nil, otherwise: noWeight)
  }
}
