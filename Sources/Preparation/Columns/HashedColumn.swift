import Configuration

/// A column of words of any number, as features of which each has the words that fall into it by chance: 1 where a row has one of
/// them, else 0. Nothing is learned, so that a word that training rows have not is none of its own kind.
package struct HashedColumn: ColumnKind {
  package static let kind = "hashed"
  package static let summary = "words of any number, a feature for those that share a hash"

  package let buckets: Int

  package init(_ settings: ConfigReader) throws {
    buckets = try settings.int("buckets", default: 256, in: 2...(1 << 20))
  }

  package var storage: ColumnStorage { .texts }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    var count = 0
    column.forEachText { _ in count += 1 }
    guard count > 0 else {
      throw column.failure("expected words in training rows, found none", cure: "leave it out of the columns")
    }
    return FittedColumn(numbers: count < column.count ? ["missing": [1]] : [:])
  }

  package func encoder(_ fitted: FittedColumn) -> any ColumnEncoder {
    Encoder(buckets: buckets, hasMissing: fitted.numbers["missing"] != nil)
  }

  private struct Encoder: ColumnEncoder {
    let buckets: Int
    let hasMissing: Bool

    var suffixes: [String] { (0..<buckets).map { "#\($0)" } + (hasMissing ? [" missing"] : []) }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      for (row, text) in values.texts.enumerated() {
        let own = features + row * stride
        own.update(repeating: 0, count: buckets + (hasMissing ? 1 : 0))
        if let text { own[TextHash.bucket(of: text, buckets)] = 1 } else if hasMissing { own[buckets] = 1 }
      }
    }
  }
}

/// FNV-1a of 64 bits (Fowler, Noll, Vo).
enum TextHash {
  static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Its upper half folded into the lower one, modulo `buckets`.
  static func bucket(of text: String, _ buckets: Int) -> Int {
    let hash = hash(text)
    return Int((hash ^ hash >> 32) % UInt64(buckets))
  }
}
