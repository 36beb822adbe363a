import Configuration
import Diagnostics

/// A column of texts, as a bag of terms: words or characters, one or several of them in a row.
///
/// | `weights` | a term that is t times in a row, and in d of the n training rows |
/// |---|---|
/// | `tf-idf` | t · (ln((1 + n) / (1 + d)) + 1), a row's features divided by their Euclidean length (Salton and Buckley 1988, as scikit-learn has it) |
/// | `counts` | t |
/// | `presence` | 1 |
///
/// Terms are in lower case, and of `TextUnits`; two are one where their bytes are the same. A row without a text has zeros.
package struct TextColumn: ColumnKind {
  package static let kind = "text"
  package static let summary =
    "texts, as a bag of their words or characters: those of most training rows, or all by their hash"

  package enum Unit: String, CaseIterable { case words, characters }
  package enum Weights: String, CaseIterable {
    case tfidf = "tf-idf"
    case counts, presence
  }

  package let unit: Unit
  /// How many units a term has.
  package let lengths: ClosedRange<Int>
  package let weights: Weights
  /// Rows that a term must be in, of those for training, to have a feature.
  private let minFrequency: Int
  /// Features at most: the terms of most rows.
  private let most: Int
  /// Features that terms share by their hash; nil: terms are learned.
  package let buckets: Int?

  package init(_ settings: ConfigReader) throws {
    unit = try settings.option("unit", of: Unit.self, default: .words)
    let lengths = try settings.ints("n-grams", default: [1, 1], in: 1...8)
    guard lengths.count == 2, lengths[0] >= 1, lengths[0] <= lengths[1], lengths[1] <= 8 else {
      throw settings.failure(
        at: "n-grams", "expected the shortest and the longest run of units, from 1 to 8", cure: "write [1, 2]")
    }
    self.lengths = lengths[0]...lengths[1]
    weights = try settings.option("weights", of: Weights.self, default: .tfidf)
    minFrequency = try settings.int("min-frequency", default: 1, in: 1...)
    most = try settings.int("most", default: 1000, in: 1...(1 << 20))
    buckets = try settings.optionalInt("buckets", in: 2...(1 << 20))
  }

  package var storage: ColumnStorage { .texts }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    let terms = try column.counts { places(in: $0) }
    let known = buckets.map { (0..<$0).map { "\($0)" } } ?? terms.most(most, minFrequency: minFrequency)
    guard !known.isEmpty, terms.count > 0 else {
      throw column.failure(
        "expected terms in at least \(minFrequency) training rows, found none",
        cure: "lower min-frequency, or leave it out of the columns")
    }
    var fitted = FittedColumn(words: buckets == nil ? ["terms": known] : [:])
    if weights == .tfidf {
      let rows = Double(column.count)
      fitted.numbers["idf"] = known.map { term in
        PortableMath.signedLog1p((1 + rows) / (1 + Double(terms[term])) - 1) + 1
      }
    }
    return fitted
  }

  /// A text's terms; where they share features, the numbers of these.
  private func places(in text: String) -> [String] {
    let terms = terms(of: text)
    return buckets.map { buckets in terms.map { "\(TextHash.bucket(of: $0, buckets))" } } ?? terms
  }

  private func terms(of text: String) -> [String] {
    let units =
      switch unit {
      case .words: TextUnits.words(of: text)
      case .characters: TextUnits.characters(of: text)
      }
    if lengths == 1...1 { return units }
    let between = unit == .words ? " " : ""
    return lengths.flatMap { length in
      units.count < length
        ? [] : (0...units.count - length).map { units[$0..<$0 + length].joined(separator: between) }
    }
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    let terms = buckets == nil ? try TermPlaces(fitted) : nil
    let width = terms?.all.count ?? buckets ?? 0
    let idf = fitted.numbers["idf"]
    guard weights != .tfidf || idf?.count == width && idf!.allSatisfy(\.isFinite) else {
      throw Failure(.badData, "expected \(width) weights in what was fitted", cure: "use another checkpoint")
    }
    return Encoder(kind: self, terms: terms, width: width, idf: idf)
  }

  private struct Encoder: ColumnEncoder {
    let kind: TextColumn
    /// nil: by hash.
    let terms: TermPlaces?
    let width: Int
    let idf: [Double]?

    var suffixes: [String] { terms?.all.map { ":\($0)" } ?? (0..<width).map { "#\($0)" } }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      for (row, text) in values.texts.enumerated() {
        let own = features + row * stride
        own.update(repeating: 0, count: width)
        var counts: [Int: Double] = [:]
        for term in text.map(kind.terms) ?? [] {
          let place = terms.map { $0[term] } ?? TextHash.bucket(of: term, width)
          if let place { counts[place, default: 0] += 1 }
        }
        // In an order of their own: sums are rounded.
        let found = counts.sorted { $0.key < $1.key }
        switch kind.weights {
        case .presence: for (place, _) in found { own[place] = 1 }
        case .counts: for (place, count) in found { own[place] = Float(count) }
        case .tfidf:
          let weighted = found.map { (place: $0.key, weight: $0.value * idf![$0.key]) }
          let length = weighted.reduce(0) { $0 + $1.weight * $1.weight }.squareRoot()
          for (place, weight) in weighted { own[place] = Float(weight / length) }
        }
      }
    }
  }
}
