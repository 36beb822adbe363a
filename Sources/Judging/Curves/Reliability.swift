/// How often a class occurs among rows that were given about the same probability of it: a reliability diagram (DeGroot,
/// Fienberg 1983), of bins of equal width, as those of `CalibrationError`.
public struct Reliability: Codable, Equatable, Sendable {
  /// One that has rows.
  public struct Bin: Codable, Equatable, Sendable {
    /// The mean probability.
    public let probability: Double
    /// The part of the rows that has the class.
    public let frequency: Double
    /// What its rows weigh.
    public let weight: Double
  }

  /// Ascending.
  public let bins: [Bin]

  /// Nil where numbers are predicted.
  public init?(_ rows: JudgedRows, bins count: Int = 15) {
    guard let prepared = try? CalibrationBasis(bins: count).prepared(rows) else { return nil }
    let totals = Resamples.once(rows) { prepared.totals($0) }
    bins = stride(from: 0, to: totals.count, by: 3).compactMap { first in
      let weight = totals[first]
      guard weight > 0 else { return nil }
      return Bin(probability: totals[first + 1] / weight, frequency: totals[first + 2] / weight, weight: weight)
    }
  }
}
