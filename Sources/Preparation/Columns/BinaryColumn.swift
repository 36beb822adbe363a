import Configuration
import Diagnostics

/// A column of two words: 0 for the first of them, in the order of their values or bytes, 1 for the other.
///
/// What is missing, or is neither, is the share of the second one.
package struct BinaryColumn: ColumnKind {
  package static let kind = "binary"
  package static let summary = "one of two words, as 0 or 1"

  private let dropsMissing: Bool

  private enum Missing: String, CaseIterable {
    case share
    case dropRow = "drop-row"
  }

  package init(_ settings: ConfigReader) throws {
    dropsMissing = try settings.option("missing", of: Missing.self, default: .share) == .dropRow
  }

  package var storage: ColumnStorage { .words }
  package var requiresValue: Bool { dropsMissing }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    let words = column.words
    guard words.count == 2 else {
      throw column.failure(
        "expected two different words in training rows, found \(grouped(words.count))",
        cure: words.count < 2 ? "leave it out of the columns" : "make it a category")
    }
    try column.requireOneSpelling(words.map(\.word))
    let share = Double(words[1].count) / Double(words[0].count + words[1].count)
    return FittedColumn(numbers: ["share": [share]], words: ["words": words.map(\.word)])
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    guard let words = fitted.words["words"], words.count == 2, words[0] != words[1] else {
      throw Failure(.badData, "expected two words in what was fitted", cure: "use another checkpoint")
    }
    return Encoder(words: words, share: Float(try fitted.number("share")))
  }

  private struct Encoder: ColumnEncoder {
    let words: [String]
    let share: Float

    var suffixes: [String] { ["=\(words[1])"] }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      for (row, place) in values.places(in: words).enumerated() {
        features[row * stride] = place == 0 ? 0 : place == 1 ? 1 : share
      }
    }
  }
}
