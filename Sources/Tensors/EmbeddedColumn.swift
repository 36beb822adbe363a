/// A feature that is a place among rows of numbers, which a network learns: a word of a column.
public struct EmbeddedColumn: Sendable, Equatable {
  /// The column's.
  public let name: String
  /// The feature, from 0.
  public let feature: Int
  /// How many there are; the feature is a whole number in 0..<rows.
  public let rows: Int
  /// Numbers of a row.
  public let dimensions: Int

  public init(name: String, feature: Int, rows: Int, dimensions: Int) {
    precondition(
      feature >= 0 && rows > 0 && dimensions > 0, "feature \(feature): \(rows) rows of \(dimensions) numbers")
    (self.name, self.feature, self.rows, self.dimensions) = (name, feature, rows, dimensions)
  }
}
