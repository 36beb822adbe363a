/// The text of tokens that come one after the other: pieces that together are `Vocabulary.text(of:)` of all.
///
/// A character of several bytes is given when it is whole.
package struct TokenText {
  private let vocabulary: Vocabulary
  /// The start of a character.
  private var bytes: [UInt8] = []

  package init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// What the text grows by with this token, maybe nothing yet.
  package mutating func append(_ token: Int32) -> String {
    guard vocabulary.unit != .characters else { return vocabulary.text(of: [token]) }
    return vocabulary.bytes(of: token).map { append(byte: $0) }.joined()
  }

  private mutating func append(byte: UInt8) -> String {
    // A byte that does not go on with the character before ends it as a replacement character.
    let ended = !bytes.isEmpty && Self.missing(bytes + [byte]) == nil ? finish() : ""
    bytes.append(byte)
    guard let missing = Self.missing(bytes), missing > 0 else { return ended + finish() }
    return ended
  }

  /// What is left at the end: the start of a character becomes a replacement character.
  package mutating func finish() -> String {
    defer { bytes = [] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How many bytes a character that starts with these still needs; nil where none starts so (Unicode 16, table 3-7).
  private static func missing(_ bytes: [UInt8]) -> Int? {
    let length: Int
    let second: ClosedRange<UInt8>
    switch bytes[0] {
    case 0x00...0x7F: (length, second) = (1, 0x80...0xBF)
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard bytes.count <= length else { return nil }
    if bytes.count > 1, !second.contains(bytes[1]) { return nil }
    guard bytes.dropFirst(2).allSatisfy({ 0x80...0xBF ~= $0 }) else { return nil }
    return length - bytes.count
  }
}
