import Tensors

/// What makes probabilities agree with frequencies, fitted on rows that training has not seen.
public enum Calibration: Equatable, Sendable {
  case temperature(TemperatureScaling)
  case isotonic(IsotonicCalibration)

  /// Overwrites the probabilities of rows, N×K row-major, with calibrated ones; K is 1 for those of yes.
  package func apply(to probabilities: FloatView, columns: Int) {
    for first in stride(from: 0, to: probabilities.count, by: columns) {
      guard columns > 1 else {
        let yes = Double(probabilities[first])
        probabilities[first] = Float(apply(to: [1 - yes, yes])[1])
        continue
      }
      let row = (0..<columns).map { Double(probabilities[first + $0]) }
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
    // Kept in the form that predictions have, so that a threshold is compared with the very numbers that it was chosen among.
    if classes.isYesOrNo {
      let yes = (0..<classes.count).map { row -> Float in
        let own = classes.probability(of: 1, row)
        return Float(apply(to: [1 - own, own])[1])
      }
      return rows.saying(.classes(classes.sayingYes(RowNumbers(yes))))
    }
    var probabilities: [Float] = []
    probabilities.reserveCapacity(classes.count * width)
    for row in 0..<classes.count {
      let own = (0..<width).map { classes.probability(of: $0, row) }
      for value in apply(to: own) { probabilities.append(Float(value)) }
    }
    return rows.saying(.classes(classes.saying(RowNumbers(probabilities))))
  }
}

extension Calibration: Codable {
  private enum Key: String, CodingKey { case temperature, isotonic }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let temperature = try container.decodeIfPresent(Double.self, forKey: .temperature) {
      guard temperature > 0, temperature.isFinite else {
        throw DecodingError.dataCorruptedError(
          forKey: .temperature, in: container, debugDescription: "expected a temperature above 0, found \(temperature)")
      }
      self = .temperature(TemperatureScaling(temperature: temperature))
    } else {
      self = .isotonic(try container.decode(IsotonicCalibration.self, forKey: .isotonic))
    }
  }

  /// `{"temperature": 1.5}`, `{"isotonic": {…}}`
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .temperature(let scaling): try container.encode(scaling.temperature, forKey: .temperature)
    case .isotonic(let calibration): try container.encode(calibration, forKey: .isotonic)
    }
  }
}
