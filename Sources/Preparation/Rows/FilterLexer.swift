import Diagnostics
import Tables

/// What is wrong with the text of a filter, and where.
package struct FilterFault: Error {
  /// The number of a character, from 1.
  package let place: Int
  package let fault: String
  package var cure: String?
}

/// A word of a filter.
enum FilterToken: Equatable {
  /// Not in quotes: the name of a column, or `and`, `or`, `not`, `in`, `is`, `missing`.
  case word(String)
  /// The name of a column, in backquotes.
  case column(String)
  case number(Double)
  case text(String)
  /// A comparison, a parenthesis or a comma.
  case sign(String)
  case end

  /// What a message calls it.
  var found: String {
    switch self {
    case .word(let word): word
    case .column(let name): "`\(name)`"
    case .number(let number): shortest(number)
    case .text(let text): "'\(text)'"
    case .sign(let sign): sign
    case .end: "the end"
    }
  }
}

/// Cuts the text of a filter into words.
struct FilterLexer {
  private let characters: [Character]
  private var at = 0

  init(_ text: String) { characters = Array(text) }

  private static let signs = ["==", "!=", "<=", ">=", "<", ">", "(", ")", ","]
  /// What other languages write, and what is written here.
  private static let foreign = ["<>": "!=", "&&": "and", "||": "or", "=": "==", "!": "not", "&": "and", "|": "or"]

  /// The next word, and the number of its first character, from 1.
  mutating func next() throws(FilterFault) -> (token: FilterToken, place: Int) {
    while at < characters.count, characters[at].isWhitespace { at += 1 }
    let place = at + 1
    guard at < characters.count else { return (.end, place) }
    let first = characters[at]
    if "'\"`".contains(first) {
      let text = try quoted(first)
      return (first == "`" ? .column(text) : .text(text), place)
    }
    if first.isASCII, first.isNumber || ".+-".contains(first) { return (.number(try number()), place) }
    if first.isLetter || first == "_" {
      return (.word(taken { $0.isLetter || $0.isNumber || "_-.".contains($0) }), place)
    }
    let two = String(characters[at..<min(at + 2, characters.count)])
    // Longer ones stand first.
    if let sign = Self.signs.first(where: two.hasPrefix), Self.foreign[two] == nil {
      at += sign.count
      return (.sign(sign), place)
    }
    let own = Self.foreign[two] ?? Self.foreign[String(first)]
    throw FilterFault(
      place: place, fault: "expected a column, a value or a comparison, found \(own == nil ? String(first) : two)",
      cure: own.map { "write \($0)" })
  }

  private mutating func taken(_ belongs: (Character) -> Bool) -> String {
    let start = at
    while at < characters.count, belongs(characters[at]) { at += 1 }
    return String(characters[start..<at])
  }

  /// A text between quotes, in which two of them stand for one.
  private mutating func quoted(_ quote: Character) throws(FilterFault) -> String {
    let start = at
    var text = ""
    at += 1
    while at < characters.count {
      if characters[at] == quote {
        at += 1
        guard at < characters.count, characters[at] == quote else { return text }
      }
      text.append(characters[at])
      at += 1
    }
    throw FilterFault(place: start + 1, fault: "expected another \(quote) behind the text, found the end")
  }

  /// A number of an ordinary size: `18`, `-0.5`, `1e-3`.
  private mutating func number() throws(FilterFault) -> Double {
    let start = at
    var text = String(characters[at])
    at += 1
    while at < characters.count {
      let isSign = "+-".contains(characters[at]) && "eE".contains(text.last!)
      guard isSign || characters[at].isLetter || characters[at].isNumber || "._".contains(characters[at]) else { break }
      text.append(characters[at])
      at += 1
    }
    guard let number = DecimalFloat.number(Array(text.utf8))?.double, number.isFinite else {
      throw FilterFault(
        place: start + 1, fault: "expected a number, found \(text)", cure: "put texts and dates in quotes")
    }
    return number
  }
}
