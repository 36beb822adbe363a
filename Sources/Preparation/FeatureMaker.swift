import Tables
import Tensors

/// Makes the features of rows, column by column. Letters: R rows, F features of a row.
package struct FeatureMaker {
  private let encoders: [any ColumnEncoder]
  /// Where each column's features begin, and behind them F.
  private let starts: [Int]
  /// What the features are called: `Age`, `Home=owner`.
  package let names: [String]
  /// Those that are places among rows that a network learns.
  package let embeddings: [EmbeddedColumn]
  /// What they are tokens of, where a column gives such; of several the first.
  package let tokens: TokenAlphabet?

  package init(_ preparation: FittedTable, _ settings: TableSettings) throws {
    let encoders = try preparation.encoders(settings)
    self.encoders = encoders
    let suffixes = encoders.map(\.suffixes)
    tokens = encoders.lazy.compactMap(\.tokens).first
    starts = suffixes.reduce(into: [0]) { $0.append($0.last! + $1.count) }
    names = zip(settings.columns, suffixes).flatMap { column, suffixes in suffixes.map { column.name + $0 } }
    embeddings = zip(settings.columns, zip(encoders, starts)).compactMap { column, place in
      place.0.embedding.map {
        EmbeddedColumn(name: column.name, feature: place.1, rows: $0.rows, dimensions: $0.dimensions)
      }
    }
  }

  package var width: Int { names.count }

  /// The features of each column.
  package var ranges: [Range<Int>] { zip(starts, starts.dropFirst()).map { $0..<$1 } }

  /// The first row of R×F features one of which is not finite in single precision, and what that is called; nil: all are.
  package func firstInfinite(_ features: UnsafeBufferPointer<Float>) -> (row: Int, name: String)? {
    // Nearly always there is none, which whole vectors tell.
    var largest: UInt32 = 0
    for feature in features { largest = max(largest, feature.bitPattern & 0x7fff_ffff) }
    guard largest >= Float.infinity.bitPattern else { return nil }
    return features.firstIndex { !$0.isFinite }.map { ($0 / width, names[$0 % width]) }
  }

  /// Overwrites R×F features, row-major, with those of the columns' values, R each.
  package func make(_ columns: [ColumnValues], into features: UnsafeMutableBufferPointer<Float>) {
    for (place, values) in columns.enumerated() { make(place, values, into: features) }
  }

  /// Overwrites those of R×F features that the column at a place gives.
  package func make(_ place: Int, _ values: ColumnValues, into features: UnsafeMutableBufferPointer<Float>) {
    guard let base = features.baseAddress else { return }
    precondition(features.count == values.count * width, "\(features.count) features for \(values.count) rows")
    encoders[place].encode(values, into: base + starts[place], stride: width)
  }
}
