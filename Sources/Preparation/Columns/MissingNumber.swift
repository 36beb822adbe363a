import Configuration
import Diagnostics
import Tensors

/// What stands in for a number that is missing.
enum MissingNumber: Sendable {
  case mean, median, mostFrequent
  case constant(Double)
  /// Nothing: its row is passed over.
  case dropRow

  private enum Word: String, CaseIterable {
    case mean, median
    case mostFrequent = "most-frequent"
    case dropRow = "drop-row"
    case constant
  }

  /// `missing`, and with `constant` its `value`.
  init(_ settings: ConfigReader) throws {
    func constant() throws -> Double { try settings.double("value", default: 0) }
    switch try settings.option("missing", of: Word.self, default: .mean) {
    case .mean: self = .mean
    case .median: self = .median
    case .mostFrequent: self = .mostFrequent
    case .dropRow: self = .dropRow
    case .constant: self = .constant(try constant())
    }
    try settings.noteOthers(", with missing: constant") { _ = try constant() }
  }

  /// The number, of those that there are, at least one.
  func value(_ numbers: NumberStream) -> Double {
    switch self {
    case .mean: Statistics.moments(numbers).mean
    case .median: Statistics.quantiles([0.5], of: numbers)[0]
    case .mostFrequent: Statistics.mode(numbers)
    case .constant(let value): value
    case .dropRow: 0
    }
  }
}
