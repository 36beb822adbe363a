import Diagnostics
import Tables

/// Reads the text of a filter.
///
/// ```
/// any      = all { "or" all }
/// all      = one { "and" one }
/// one      = "not" one | "(" any ")" | column test
/// test     = comparison value | ["not"] "in" "(" value { "," value } ")" | "is" ["not"] "missing"
/// ```
struct FilterParser {
  private var lexer: FilterLexer
  private var token = FilterToken.end
  private var place = 1
  private var depth = 0
  /// What a column's values are kept as where something is made of them; nil: nothing is.
  private let declared: (String) -> ColumnStorage?
  /// The columns so far.
  private(set) var columns: [RowFilter.Column] = []

  private static let mostDepth = 100
  private static let keywords = ["and", "or", "not", "in", "is", "missing"]

  init(_ text: String, declared: @escaping (String) -> ColumnStorage?) throws(FilterFault) {
    (lexer, self.declared) = (FilterLexer(text), declared)
    try advance()
  }

  /// The whole text.
  mutating func condition() throws(FilterFault) -> RowCondition {
    let condition = try any()
    guard token == .end else { throw unexpected("and, or, or the end") }
    return condition
  }

  // MARK: And, or, not

  private mutating func any() throws(FilterFault) -> RowCondition {
    var parts = [try all()]
    while try take(word: "or") { parts.append(try all()) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func all() throws(FilterFault) -> RowCondition {
    var parts = [try one()]
    while try take(word: "and") { parts.append(try one()) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func one() throws(FilterFault) -> RowCondition {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.mostDepth else {
      throw FilterFault(place: place, fault: "expected at most \(Self.mostDepth) conditions within each other")
    }
    if try take(word: "not") { return .not(try one()) }
    guard try take(sign: "(") else { return try test() }
    let inner = try any()
    guard try take(sign: ")") else { throw unexpected("and, or, or )") }
    return inner
  }

  // MARK: Tests of a column

  private mutating func test() throws(FilterFault) -> RowCondition {
    let start = place
    let name = try column()
    if try take(word: "is") {
      let isNot = try take(word: "not")
      guard try take(word: "missing") else { throw unexpected("missing") }
      // Words would be numbered for nothing, and how many numbers a row has is not asked.
      let storage = declared(name).flatMap { [.words, .vectors].contains($0) ? nil : $0 } ?? .texts
      let test = RowCondition.test(note(name, storage, start), .isMissing)
      return isNot ? .not(test) : test
    }
    let isNot = try take(word: "not")
    if try take(word: "in") {
      // As one comparison for each value, so that a row without a value is in no list, and outside of none.
      var parts = [RowCondition]()
      guard try take(sign: "(") else { throw unexpected("( behind in") }
      repeat { parts.append(try comparison(name, isNot ? .unequal : .equal, start)) } while try take(sign: ",")
      guard try take(sign: ")") else { throw unexpected(", or )") }
      return isNot ? .all(parts) : .any(parts)
    }
    guard !isNot else { throw unexpected("in behind not") }
    guard case .sign(let sign) = token, let comparison = Comparison(rawValue: sign) else {
      throw unexpected("a comparison, in, or is missing behind \(name)")
    }
    try advance()
    return try self.comparison(name, comparison, start)
  }

  private mutating func column() throws(FilterFault) -> String {
    switch token {
    case .column(let name):
      try advance()
      return name
    case .word(let word) where !Self.keywords.contains(word.lowercased()):
      try advance()
      return word
    case .word(let word):
      throw unexpected("a column", cure: "put its name in backquotes if a column is called \(word)")
    case .number, .text: throw unexpected("a column", cure: "write the column first, and names in backquotes")
    case .sign, .end: throw unexpected("a column")
    }
  }

  /// A column's comparison with the value that stands here.
  private mutating func comparison(
    _ name: String, _ comparison: Comparison, _ start: Int
  ) throws(FilterFault) -> RowCondition {
    let storage = declared(name)
    let test: RowTest
    switch (token, storage) {
    case (_, .vectors): throw FilterFault(place: start, fault: "expected a column of one value a row, found \(name)")
    case (.number, .instants): throw unexpected("a date in quotes, as \(name) has dates", cure: "write '2026-11-24'")
    case (.number(let number), _): test = .number(comparison, number)
    case (.text, .numbers):
      throw unexpected("a number, as \(name) has numbers", cure: "leave the quotes out, or make it a category")
    case (.text(let text), .instants(let format)):
      guard let instant = DateFormat(zoneMinutes: format.zoneMinutes).instant(text) else {
        throw unexpected("a date in ISO 8601, as \(name) has dates", cure: "write '2026-11-24'")
      }
      test = .instant(comparison, instant)
    case (.text(let text), _): test = .text(comparison, text)
    case (.word(let word), _), (.column(let word), _):
      throw unexpected("a number, or a text in quotes", cure: "write '\(word)'")
    case (.sign, _), (.end, _): throw unexpected("a number, or a text in quotes")
    }
    try advance()
    let kept: ColumnStorage =
      switch test {
      case .number: .numbers
      case .instant: storage!
      case .text, .isMissing: .texts
      }
    return .test(note(name, kept, start), test)
  }

  /// The place of a column among the filter's.
  private mutating func note(_ name: String, _ storage: ColumnStorage, _ start: Int) -> Int {
    let request = ColumnRequest(name, storage)
    if let known = columns.firstIndex(where: { $0.request == request }) { return known }
    columns.append(RowFilter.Column(request: request, place: start))
    return columns.count - 1
  }

  // MARK: Words

  private mutating func advance() throws(FilterFault) { (token, place) = try lexer.next() }

  private mutating func take(word: String) throws(FilterFault) -> Bool {
    guard case .word(let found) = token, found.lowercased() == word else { return false }
    try advance()
    return true
  }

  private mutating func take(sign: String) throws(FilterFault) -> Bool {
    guard token == .sign(sign) else { return false }
    try advance()
    return true
  }

  private func unexpected(_ expected: String, cure: String? = nil) -> FilterFault {
    FilterFault(place: place, fault: "expected \(expected), found \(token.found)", cure: cure)
  }
}
