/// What a text is cut into: words, or characters, all in lower case.
///
/// Characters are those that Unicode numbers (scalars), as Python and onnxruntime take them: a letter that is written with a
/// mark of its own behind it is two. A word is a run of letters, numbers and marks (the general categories L, N and M).
/// Each character has one in lower case, its simple mapping: no other character decides it, and a text keeps its length.
enum TextUnits {
  /// The words of a text, in their order.
  static func words(of text: String) -> [String] {
    var (words, word) = ([String](), String.UnicodeScalarView())
    for scalar in text.unicodeScalars {
      if isOfWord(scalar) {
        word.append(lowercased(scalar))
      } else if !word.isEmpty {
        words.append(String(word))
        word.removeAll()
      }
    }
    return word.isEmpty ? words : words + [String(word)]
  }

  /// The characters of a text, in their order.
  static func characters(of text: String) -> [String] { text.unicodeScalars.map { String(lowercased($0)) } }

  static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9": true
      default: false
      }
    }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
      true
    default: false
    }
  }

  static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII {
      return "A"..."Z" ~= scalar ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar
    }
    // The only one whose full mapping has two characters; its simple one is an i.
    if scalar == "\u{130}" { return "i" }
    return scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
  }
}

/// The characters of terms that are younger than Unicode 14 (2021), each once, in their order: other programs may not know them yet,
/// and then cut words at them, or leave them in upper case.
package func youngCharacters(of terms: [String]) -> [Unicode.Scalar] {
  let scalars = Set(terms.flatMap(\.unicodeScalars).filter { !$0.isASCII })
  return scalars.filter { ($0.properties.age?.major ?? .max) > 14 }.sorted()
}

/// A text that is another one where its bytes are: Swift takes letters that are written in several ways for the same.
struct ExactText: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (one: Self, other: Self) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
