import Configuration
import Diagnostics

/// A column of words as one feature, the word's place, for which a network learns a row of numbers.
///
/// Place 0 is that of no word, and of words that training rows have not, or too seldom; the words follow in their order.
/// Guo, Berkhahn: *Entity embeddings of categorical variables* (2016).
package struct EmbeddingColumn: ColumnKind {
  package static let kind = "embedding"
  package static let summary = "words, for each of which the network learns a row of numbers"

  private enum Missing: String, CaseIterable {
    case unknown
    case dropRow = "drop-row"
  }

  /// Numbers that a row may have.
  private static let dimensions = 1...4096

  /// Numbers of a row; nil: half as many as there are words, 50 at most.
  private let dimensions: Int?
  private let dropsMissing: Bool
  /// Rows that a word must be in, of those for training, to have a place.
  private let minFrequency: Int
  /// Words that have one, at most: those of the most rows.
  private let most: Int

  package init(_ settings: ConfigReader) throws {
    dimensions = try settings.optionalInt("dimensions", in: Self.dimensions)
    settings.note("dimensions", "; null: half as many as words, 50 at most")
    dropsMissing = try settings.option("missing", of: Missing.self, default: .unknown) == .dropRow
    minFrequency = try settings.int("min-frequency", default: 1, in: 1...)
    most = try settings.int("most", default: 100_000, in: 1...(1 << 20))
  }

  package var storage: ColumnStorage { .words }
  package var requiresValue: Bool { dropsMissing }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    let words = column.words
    guard !words.isEmpty else {
      throw column.failure("expected words in training rows, found none", cure: "leave it out of the columns")
    }
    let known = words.filter { $0.count >= minFrequency }
    guard !known.isEmpty else {
      throw column.failure(
        "expected words of at least \(grouped(minFrequency)) training rows, found none", cure: "lower min-frequency")
    }
    // Of words in as many rows the first ones.
    let frequent = known.indices.sorted { (known[$1].count, $0) < (known[$0].count, $1) }
    let kept = frequent.prefix(most).sorted().map { known[$0].word }
    try column.requireOneSpelling(kept)
    let usual = min(50, (kept.count + 1) / 2)
    return FittedColumn(numbers: ["dimensions": [Double(dimensions ?? usual)]], words: ["words": kept])
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    let (words, dimensions) = (fitted.vocabulary, try fitted.number("dimensions"))
    guard !words.isEmpty, Set(words).count == words.count, let dimensions = Int(exactly: dimensions),
      Self.dimensions.contains(dimensions)
    else {
      throw Failure(
        .badData, "expected distinct words, and numbers of a row, in what was fitted", cure: "use another checkpoint")
    }
    return Encoder(words: words, dimensions: dimensions)
  }

  private struct Encoder: ColumnEncoder {
    let words: [String]
    let dimensions: Int

    var suffixes: [String] { [""] }
    var embedding: (rows: Int, dimensions: Int)? { (words.count + 1, dimensions) }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      for (row, place) in values.places(in: words).enumerated() {
        features[row * stride] = place >= 0 ? Float(place + 1) : 0
      }
    }
  }
}
