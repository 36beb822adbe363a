import Diagnostics

/// Names that come from data, cut to what a page has room for.
///
/// A name may have ten thousand characters, and a character a thousand accents: both are bounded.
package enum Names {
  /// The first characters of a text, and `…` where there are more.
  package static func brief(_ text: String, most: Int = 40) -> String {
    let bounded = String(String.UnicodeScalarView(text.unicodeScalars.prefix(4 * most + 4)))
    if bounded.count <= most, bounded.unicodeScalars.count == text.unicodeScalars.count { return text }
    return String(bounded.prefix(max(1, most - 1))) + "…"
  }

  /// Its own direction of writing kept to itself; what was cut off is told where a pointer rests.
  package static func markup(_ text: String, most: Int = 40) -> Markup {
    let shown = brief(text, most: most)
    if shown == text { return "<bdi>\(text)</bdi>" }
    return "<bdi title=\"\(brief(text, most: 200))\">\(shown)</bdi>"
  }

  /// Some of many, and how many more there are.
  package static func list(_ names: [String], first: Int = 8) -> Markup {
    var text = names.prefix(first).map { markup($0) }.joined(by: ", ")
    if names.count > first { text += ", … (\(grouped(names.count)) in all)" }
    return text
  }

  /// The first characters of a text that take so much room in a drawing, and `…` where there are more.
  package static func fitting(_ text: String, width: Double, size: Double = 11) -> String {
    if Names.width(of: text, size: size) <= width { return text }
    var (kept, sum) = ("", Self.width(of: "…", size: size))
    for character in text {
      sum += Self.width(of: String(character), size: size)
      if sum > width || kept.unicodeScalars.count > 400 { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// About how wide a text is in a usual sans-serif font, a little more than less. Counts at most 400 scalars.
  package static func width(of text: String, size: Double = 11) -> Double {
    var units = 0.0
    for scalar in text.unicodeScalars.prefix(400) {
      switch scalar.value {
      case 0x20, 0x2C, 0x2E, 0x3A, 0x69, 0x6A, 0x6C: units += 0.32
      case 0x30...0x39: units += 0.64
      case 0x2212: units += 0.84
      case ..<0x300: units += scalar.properties.isUppercase ? 0.7 : 0.6
      case 0x300..<0x370, 0x200B...0x200F, 0xFE00...0xFE0F: break
      case 0x1100..<0x1200, 0x2E80..<0xD800, 0xF900..<0xFB00, 0xFF00..<0xFF61, 0x1F000...: units += 1.1
      default: units += 0.65
      }
    }
    return units * size + (text.unicodeScalars.count > 400 ? 1e6 : 0)
  }
}
