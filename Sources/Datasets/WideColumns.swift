/// The columns of a table whose numbers single precision rounds so much that it matters, in double precision.
///
/// Two timestamps, 1700000000 and 1700000050, are one float. Whoever subtracts their mean has to do so before rounding.
public struct WideColumns: Sendable, Equatable {
  /// What rounding does to a column.
  public struct Rounding: Sendable, Equatable {
    /// The largest distance of a number from its nearest float, in the column's units.
    public let error: Double
    /// Of the numbers as they were read, divided by n; in the column's units.
    public let deviation: Double
  }

  /// By feature: the numbers as they were read, one a sample.
  public let values: [Int: [Double]]
  /// By feature, where the data themselves say that it matters.
  public let roundings: [Int: Rounding]

  public init(values: [Int: [Double]] = [:], roundings: [Int: Rounding] = [:]) {
    (self.values, self.roundings) = (values, roundings)
  }

  /// Rounding matters where it moves a number by more than this share of the column's deviation.
  ///
  /// Columns of the usual kind, also those whose numbers no float holds exactly (0.1), stay far below.
  static let share = 0x1p-12
}

/// What is known of a column's rounding while its numbers come, in their order.
struct RoundingTally {
  private var first = 0.0
  private var error = 0.0
  private var count = 0.0
  private var sum = 0.0
  private var squares = 0.0

  mutating func add(_ single: Float, _ double: Double) {
    if count == 0 { first = double }
    count += 1
    let difference = double - first
    sum += difference
    squares += difference * difference
    error = max(error, abs(double - Double(single)))
  }

  /// Nil where rounding does not matter, as where all numbers are floats, or the same.
  var rounding: WideColumns.Rounding? {
    guard error > 0 else { return nil }
    let mean = sum / count
    let deviation = max(0, squares / count - mean * mean).squareRoot()
    guard deviation > 0, error > WideColumns.share * deviation else { return nil }
    return WideColumns.Rounding(error: error, deviation: deviation)
  }
}

extension Dataset {
  /// The same data without their wide columns: for those who compute with floats alone.
  package func withoutWideColumns() -> Dataset {
    guard !wide.values.isEmpty else { return self }
    return Dataset(
      source: source, shape: shape, features: features, targets: targets, featureNames: featureNames,
      targetNames: targetNames, targetShape: targetShape, weights: weights,
      wide: WideColumns(roundings: wide.roundings), preparation: preparation, ends: ends, auxiliary: auxiliary)
  }
}
