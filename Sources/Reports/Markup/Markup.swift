import Diagnostics
import Foundation

/// A piece of a page, HTML or SVG, in which all that came from data is escaped.
///
/// What is written in the program stands as it is; what is put into it is text, and escaped, unless it is markup itself.
///
/// ```swift
/// let cell: Markup = "<td>\("<script>")</td>"   // <td>&lt;script&gt;</td>
/// ```
package struct Markup: Sendable, Equatable, ExpressibleByStringInterpolation {
  /// Well-formed, as far as its literals are.
  package private(set) var text: String

  package init(stringLiteral text: String) { self.text = text }
  package init(stringInterpolation pieces: StringInterpolation) { text = pieces.text }

  /// Text that came from data.
  package init(escaping data: String) { text = Self.escaped(data) }

  /// Nothing.
  package static let empty: Markup = ""
  package var isEmpty: Bool { text.isEmpty }

  package static func + (first: Markup, second: Markup) -> Markup {
    var sum = first
    sum += second
    return sum
  }

  package static func += (first: inout Markup, second: Markup) { first.text += second.text }

  /// What goes between the literals of a piece.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""
    package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(2 * literalCapacity) }

    package mutating func appendLiteral(_ literal: String) { text += literal }
    package mutating func appendInterpolation(_ data: String) { text += Markup.escaped(data) }
    package mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
    package mutating func appendInterpolation(_ pieces: [Markup]) { for piece in pieces { text += piece.text } }
    package mutating func appendInterpolation(_ number: Int) { text += String(number) }
    /// A place in a drawing, to a tenth.
    package mutating func appendInterpolation(_ place: Double) { text += Markup.place(place) }
  }

  /// To a tenth, and without a point where it is whole.
  package static func place(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
    return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
  }

  /// Text as content and as an attribute in quotes of either sort: in HTML and in XML.
  ///
  /// Control characters, and those that turn the direction of writing, are shown by their names; what no XML holds becomes
  /// the character for what cannot be shown.
  private static func escaped(_ data: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in data.shown().unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      case "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}

extension [Markup] {
  /// One after the other.
  package func joined(by separator: Markup = "") -> Markup {
    var all = Markup.empty
    for (place, piece) in enumerated() { all += place == 0 ? piece : separator + piece }
    return all
  }
}
