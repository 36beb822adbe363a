import Tables

/// What a column seems to be.
package enum ColumnGuess: Sendable, Equatable {
  case number, binary, category, text, vector
  case date(DateFormat)
  /// Nothing to predict from, for a reason.
  case leftOut(String)

  /// Different words that a feature each is made of.
  private static let mostWords = 1000
  /// Rows of each of two words.
  private static let leastOfBinary = 8

  package init(_ profile: ColumnProfile) {
    let (values, distinct) = (profile.values, profile.distinct)
    func share(_ count: Int) -> Bool { values > 0 && Double(count) >= 0.99 * Double(values) }
    let isUnique = distinct == values && values > 20 || profile.hasMore && profile.words.allSatisfy { $0.count == 1 }
    let isCalendar = profile.type == .day || profile.type == .instant
    if values == 0 {
      self = .leftOut("it has no values")
    } else if distinct == 1, profile.missing == 0 {
      self = .leftOut("it has the same value in every row")
    } else if profile.type == .vector {
      self = .vector
    } else if isCalendar || share(profile.dates) {
      self = .date(profile.format ?? DateFormat())
    } else if distinct == 2 {
      // A word of a few rows may be in none of those for training.
      let least = profile.words.map(\.count).min() ?? 0
      self = least >= Self.leastOfBinary && 20 * least >= values ? .binary : .category
    } else if share(profile.numbers) {
      let counts = isUnique && profile.wholes == profile.numbers && profile.numbers == values && profile.rises
      self = counts ? .leftOut("it numbers the rows") : .number
    } else if 2 * distinct > values, distinct > 20, Self.areProse(profile.words.map(\.word)) {
      self = .text
    } else if isUnique {
      self = .leftOut("each row has a word of its own, which identifies it")
    } else if distinct <= Self.mostWords, !profile.hasMore {
      self = .category
    } else {
      self = .leftOut("it has too many different words: think of hashed")
    }
  }

  /// Whether most texts have three words or more.
  private static func areProse(_ texts: [String]) -> Bool {
    2 * texts.count { $0.split(whereSeparator: \.isWhitespace).count >= 3 } > texts.count
  }
}
