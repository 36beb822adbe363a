import Diagnostics
import Preparation
import Tables

/// What was fitted to a table's columns with the settings that its arithmetic needs, as `Python/transform.py` reads it.
package struct TransformFile: Encodable {
  /// A column, and those settings that its kind has.
  package struct Column: Encodable {
    let name: String
    let kind: String
    let fitted: FittedColumn
    /// The kind of scale of numbers.
    var scale: String?
    /// Of dates: what is taken of them, how they are written, and what clocks show more than UTC.
    var parts: [String]?
    var format: String?
    var zoneMinutes: Int?
    /// Between words of a set.
    var separator: String?
    /// Features that words or terms share by their hash.
    var buckets: Int?
    /// Of texts.
    var unit: String?
    var ngrams: [Int]?
    var weights: String?

    private enum CodingKeys: String, CodingKey {
      case name, kind, fitted, scale, parts, format, separator, buckets, unit, weights
      case zoneMinutes = "zone-minutes"
      case ngrams = "n-grams"
    }
  }

  /// The texts that stand for a missing value.
  let missing: [String]
  let columns: [Column]

  /// Throws unavailable (69), naming it, where a column's kind is none of Lockstep's own.
  package init(_ fitted: FittedTable, _ settings: TableSettings) throws {
    missing = settings.missing.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    columns = try zip(settings.columns, fitted.columns).map { column, own in
      var described = Column(name: column.name, kind: column.word, fitted: own.fitted)
      guard let known = column.kind as? any PlainColumn else {
        throw Failure(
          .unavailable, at: "column '\(column.name)'", "expected a kind that NumPy knows, found \(column.word)",
          cure: "export it with --onnx, or leave the column out and train again")
      }
      known.describe(in: &described)
      return described
    }
  }

  package var json: String {
    get throws { try sortedJSON(self) + "\n" }
  }
}

/// A kind of column that `Python/transform.py` knows.
private protocol PlainColumn: ColumnKind {
  /// Fills in what its arithmetic needs besides what it was fitted to.
  func describe(in column: inout TransformFile.Column)
}

extension PlainColumn {
  func describe(in column: inout TransformFile.Column) {}
}

extension CategoryColumn: PlainColumn {}
extension BinaryColumn: PlainColumn {}
extension EmbeddingColumn: PlainColumn {}

extension NumberColumn: PlainColumn {
  fileprivate func describe(in column: inout TransformFile.Column) { column.scale = type(of: scale).kind }
}

extension VectorColumn: PlainColumn {
  fileprivate func describe(in column: inout TransformFile.Column) { element.describe(in: &column) }
}

extension HashedColumn: PlainColumn {
  fileprivate func describe(in column: inout TransformFile.Column) { column.buckets = buckets }
}

extension SetColumn: PlainColumn {
  fileprivate func describe(in column: inout TransformFile.Column) { column.separator = separator }
}

extension DateColumn: PlainColumn {
  fileprivate func describe(in column: inout TransformFile.Column) {
    (column.parts, column.format, column.zoneMinutes) = (parts.map(\.rawValue), format.pattern, format.zoneMinutes)
  }
}

extension TextColumn: PlainColumn {
  fileprivate func describe(in column: inout TransformFile.Column) {
    (column.unit, column.weights, column.buckets) = (unit.rawValue, weights.rawValue, buckets)
    column.ngrams = [lengths.lowerBound, lengths.upperBound]
  }
}
