import Configuration
import Diagnostics

/// A column of words, a feature each: 1 where a row has it, else 0.
///
/// A word that training rows have not, or too seldom, is the unknown one, where there is a feature for that, else no word.
package struct CategoryColumn: ColumnKind {
  package static let kind = "category"
  package static let summary = "words, a feature each"

  private enum Missing: String, CaseIterable {
    case ownClass = "own-class"
    case mostFrequent = "most-frequent"
    case dropRow = "drop-row"
  }

  private let missing: Missing
  /// Rows that a word must be in, of those for training, to have a feature.
  private let minFrequency: Int
  /// Features at most.
  private let most: Int

  package init(_ settings: ConfigReader) throws {
    missing = try settings.option("missing", of: Missing.self, default: .ownClass)
    minFrequency = try settings.int("min-frequency", default: 1, in: 1...)
    most = try settings.int("most", default: 1000, in: 1...(1 << 20))
  }

  package var storage: ColumnStorage { .words }
  package var requiresValue: Bool { missing == .dropRow }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    let words = column.words
    let known = words.filter { $0.count >= minFrequency }
    guard known.count <= most else {
      throw column.failure(
        "expected at most \(grouped(most)) different words, found \(grouped(known.count))",
        cure: "raise min-frequency or most, or leave it out of the columns")
    }
    try column.requireOneSpelling(known.map(\.word))
    let missingRows = column.count - words.reduce(0) { $0 + $1.count }
    guard !words.isEmpty else {
      throw column.failure("expected words in training rows, found none", cure: "leave it out of the columns")
    }
    var fitted = FittedColumn(words: ["words": known.map(\.word)])
    if known.count < words.count { fitted.numbers["unknown"] = [1] }
    if missing == .mostFrequent {
      // The first of several.
      let most = words.map(\.count).max()!
      fitted.words["missing"] = [words.first { $0.count == most }!.word]
    } else if missingRows > 0 {
      fitted.numbers["missing"] = [1]
    }
    return fitted
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    guard let words = fitted.words["words"], Set(words).count == words.count else {
      throw Failure(.badData, "expected distinct words in what was fitted", cure: "use another checkpoint")
    }
    return OneHotEncoder(
      words: words, hasUnknown: fitted.numbers["unknown"] != nil, hasMissing: fitted.numbers["missing"] != nil,
      fill: fitted.words["missing"]?.first.flatMap(words.firstIndex))
  }
}

/// A feature for each word, behind them perhaps one for unknown words, and one for no word.
private struct OneHotEncoder: ColumnEncoder {
  let words: [String]
  let hasUnknown: Bool
  let hasMissing: Bool
  /// The word that stands in for none.
  let fill: Int?

  var suffixes: [String] {
    words.map { "=\($0)" } + (hasUnknown ? [" unknown"] : []) + (hasMissing ? [" missing"] : [])
  }

  func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
    let width = words.count + (hasUnknown ? 1 : 0) + (hasMissing ? 1 : 0)
    let unknown = hasUnknown ? words.count : nil
    let missing = fill ?? (hasMissing ? width - 1 : unknown)
    for (row, place) in values.places(in: words).enumerated() {
      let own = features + row * stride
      own.update(repeating: 0, count: width)
      let hot = place >= 0 ? Int(place) : place == Code.missing ? missing : unknown
      if let hot { own[hot] = 1 }
    }
  }
}
