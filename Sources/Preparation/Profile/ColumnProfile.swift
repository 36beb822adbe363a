import Tables

/// What the rows that were looked at tell of a column.
package struct ColumnProfile: Sendable {
  package let name: String
  package let type: RawType
  /// Rows with a value, and without.
  package internal(set) var values = 0
  package internal(set) var missing = 0
  /// Words that stand for a missing value, and how many rows have each.
  package internal(set) var missingWords: [String: Int] = [:]
  /// Values that are finite numbers, and those of them that are whole.
  package internal(set) var numbers = 0
  package internal(set) var wholes = 0
  package internal(set) var least = Double.infinity
  package internal(set) var most = -Double.infinity
  /// Whether each number is larger than the one before.
  package internal(set) var rises = true
  /// Different values, as far as they were counted, and how often each of them.
  package internal(set) var words: [(word: String, count: Int)] = []
  /// Whether there are more different values than were counted.
  package internal(set) var hasMore = false
  /// Values that are dates of the format that most of them have.
  package internal(set) var dates = 0
  package internal(set) var format: DateFormat?

  package var distinct: Int { words.count }
}

/// Looks at rows, and gathers what they tell of each column.
package struct TableProfiler {
  /// Rows that are looked at.
  package static let rows = 200_000
  /// Different values of a column that are counted.
  static let mostWords = 100_000

  /// Formats that dates are looked for in.
  private static let formats: [DateFormat] =
    [DateFormat()]
    + [
      "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M",
      "%d/%m/%Y %H:%M", "%Y/%m/%d %H:%M:%S",
    ].map { DateFormat($0)! }

  private final class Tally {
    var profile: ColumnProfile
    let words = Words()
    var counts: [Int] = []
    var ofFormats = [Int](repeating: 0, count: TableProfiler.formats.count)
    var last = -Double.infinity
    init(_ field: RawField) { profile = ColumnProfile(name: field.name, type: field.type) }
  }

  private let tallies: [Tally]
  private let missing: Set<String>
  /// Rows so far, and those of them that could not be read.
  package private(set) var count = 0
  package private(set) var faulty = 0
  /// The first of those, with the reason.
  package private(set) var firstFault: String?

  package init(_ fields: [RawField], missing: Set<String>) {
    (tallies, self.missing) = (fields.map(Tally.init), missing)
  }

  package mutating func add(_ chunk: TableChunk) {
    let faults = Set(chunk.faults.map(\.row))
    count += chunk.count
    faulty += faults.count
    if firstFault == nil { firstFault = chunk.faults.first.map { Quarantine.text($0, at: chunk.places) } }
    for (tally, column) in zip(tallies, chunk.columns) {
      let cells = column.texts
      let isText = tally.profile.type == .text
      for row in 0..<chunk.count where !faults.contains(row) {
        let text = cells[row]
        let isNothing = !column.isMissing.isEmpty && column.isMissing[row]
        let isMissing = isNothing || missing.contains(text)
        if isMissing, !isNothing, !text.isEmpty { tally.profile.missingWords[text, default: 0] += 1 }
        Self.add(isMissing ? nil : text, isText: isText, to: tally)
      }
    }
  }

  private static func add(_ text: String?, isText: Bool, to tally: Tally) {
    guard let text else {
      tally.profile.missing += 1
      return
    }
    tally.profile.values += 1
    if let number = DecimalFloat.number(text.utf8)?.double, number.isFinite {
      tally.profile.numbers += 1
      if number == number.rounded() { tally.profile.wholes += 1 }
      tally.profile.least = min(tally.profile.least, number)
      tally.profile.most = max(tally.profile.most, number)
      if number <= tally.last { tally.profile.rises = false }
      tally.last = number
    } else if isText, text.utf8.count <= 40, text.utf8.first.map({ $0 &- 48 < 10 }) ?? false {
      for (place, format) in formats.enumerated() where format.instant(text) != nil { tally.ofFormats[place] += 1 }
    }
    let known = tally.words.count
    if let code = tally.words.code(of: text, adds: known < mostWords) {
      if Int(code) == tally.counts.count { tally.counts.append(0) }
      tally.counts[Int(code)] += 1
    } else {
      tally.profile.hasMore = true
    }
  }

  /// What was found, in the order of the fields.
  package var profiles: [ColumnProfile] {
    tallies.map { tally in
      var profile = tally.profile
      let words = tally.words.all
      profile.words = wordOrder(words).map { (words[$0], tally.counts[$0]) }
      let most = tally.ofFormats.max() ?? 0
      if most > 0 {
        profile.dates = most
        profile.format = Self.formats[tally.ofFormats.firstIndex(of: most)!]
      }
      return profile
    }
  }
}
