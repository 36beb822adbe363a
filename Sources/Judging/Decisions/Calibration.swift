/// What makes probabilities agree with frequencies, fitted on rows that training has not seen.
public enum Calibration: Codable, Equatable, Sendable {
  case temperature(TemperatureScaling)
  case isotonic(IsotonicCalibration)

  /// Overwrites the probabilities of rows, N×K row-major, with calibrated ones.
  public func apply(to probabilities: inout [Float], classes: Int) {
    for first in stride(from: 0, to: probabilities.count, by: classes) {
      let row = (0..<classes).map { Double(probabilities[first + $0]) }
      for (number, value) in apply(to: row).enumerated() { probabilities[first + number] = Float(value) }
    }
  }

  /// The calibrated probabilities of a row, K.
  public func apply(to row: [Double]) -> [Double] {
    switch self {
    case .temperature(let scaling): scaling.apply(to: row)
    case .isotonic(let calibration): calibration.apply(to: row)
    }
  }

  /// The rows with calibrated probabilities, as floats; nil where numbers are predicted.
  public func applied(to rows: JudgedRows) -> JudgedRows? {
    guard let classes = rows.classes else { return nil }
    let width = classes.names.count
    var probabilities: [Float] = []
    probabilities.reserveCapacity(classes.count * width)
    for row in 0..<classes.count {
      let own = (0..<width).map { classes.probability(of: $0, row) }
      for value in apply(to: own) { probabilities.append(Float(value)) }
    }
    return rows.saying(.classes(classes.saying(RowNumbers(probabilities))))
  }
}
