import Configuration
import Diagnostics

/// A column of several words a row, in any order: `red;large;new`. Each word of the training rows has a feature: 1 where a row has
/// it, else 0. A row without a value has none of them.
package struct SetColumn: ColumnKind {
  package static let kind = "set"
  package static let summary = "several words a row, a feature for each word"

  package let separator: String
  /// Rows that a word must be in, of those for training, to have a feature.
  private let minFrequency: Int
  /// Features at most: the words of most rows.
  private let most: Int

  package init(_ settings: ConfigReader) throws {
    separator = try settings.string("separator", default: ";")
    guard !separator.isEmpty else {
      throw settings.failure(at: "separator", "expected what stands between words, found nothing", cure: "write ;")
    }
    minFrequency = try settings.int("min-frequency", default: 1, in: 1...)
    most = try settings.int("most", default: 1000, in: 1...(1 << 20))
  }

  package var storage: ColumnStorage { .texts }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    let terms = try column.counts { words(of: $0) }
    let known = terms.most(most, minFrequency: minFrequency)
    guard !known.isEmpty else {
      throw column.failure(
        "expected words in at least \(minFrequency) training rows, found none",
        cure: "check the separator, lower min-frequency, or leave it out of the columns")
    }
    return FittedColumn(words: ["terms": known])
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    Encoder(kind: self, terms: try TermPlaces(fitted))
  }

  fileprivate func words(of text: String) -> [String] {
    text.unicodeScalars.split(separator: separator.unicodeScalars).map { $0.trimmingWhitespace }.filter { !$0.isEmpty }
  }

  private struct Encoder: ColumnEncoder {
    let kind: SetColumn
    let terms: TermPlaces

    var suffixes: [String] { terms.all.map { " has \($0)" } }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      for (row, text) in values.texts.enumerated() {
        let own = features + row * stride
        own.update(repeating: 0, count: terms.all.count)
        for word in text.map(kind.words) ?? [] { if let place = terms[word] { own[place] = 1 } }
      }
    }
  }
}

extension Substring.UnicodeScalarView {
  /// Without white space at both ends.
  fileprivate var trimmingWhitespace: String {
    let front = drop { $0.properties.isWhitespace }
    let end = front.lastIndex { !$0.properties.isWhitespace }.map(front.index(after:)) ?? front.startIndex
    return String(front[..<end])
  }
}
