/// A pattern of paths, part of which tells a group: `*/{*}-*.wav` is the speaker of `cat/anna-7.wav`.
///
/// `*` stands for any characters but a slash, `**` for any, as few as possible; what stands in braces is the group; everything else
/// is itself. The whole path has to match.
package struct PathPattern: Sendable, Equatable {
  private enum Piece: Equatable {
    case literal(UInt8)
    case some, any
    case begin, end
  }

  private let pieces: [Piece]
  package let text: String

  /// nil where it does not have one group in braces.
  package init?(_ text: String) {
    self.text = text
    var (pieces, bytes) = ([Piece](), Array(text.utf8)[...])
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "*"):
        let isAny = bytes.first == byte
        if isAny { bytes.removeFirst() }
        pieces.append(isAny ? .any : .some)
      case UInt8(ascii: "{"): pieces.append(.begin)
      case UInt8(ascii: "}"): pieces.append(.end)
      default: pieces.append(.literal(byte))
      }
    }
    self.pieces = pieces
    guard pieces.count(where: { $0 == .begin }) == 1, pieces.count(where: { $0 == .end }) == 1,
      pieces.firstIndex(of: .begin)! < pieces.firstIndex(of: .end)!
    else { return nil }
  }

  /// The group of a path; nil where the path does not match.
  package func group(of path: String) -> String? {
    let bytes = Array(path.utf8)
    // By piece and place, what cannot match from there on: the search tries each once.
    var failed = [Bool](repeating: false, count: (pieces.count + 1) * (bytes.count + 1))
    var (first, last) = (0, 0)
    func matches(_ piece: Int, _ place: Int) -> Bool {
      guard piece < pieces.count else { return place == bytes.count }
      let state = piece * (bytes.count + 1) + place
      guard !failed[state] else { return false }
      var found = false
      switch pieces[piece] {
      case .literal(let byte): found = place < bytes.count && bytes[place] == byte && matches(piece + 1, place + 1)
      case .begin:
        found = matches(piece + 1, place)
        if found { first = place }
      case .end:
        found = matches(piece + 1, place)
        if found { last = place }
      case .some, .any:
        var end = place
        while true {
          found = matches(piece + 1, end)
          if found || end == bytes.count || pieces[piece] == .some && bytes[end] == UInt8(ascii: "/") { break }
          end += 1
        }
      }
      failed[state] = !found
      return found
    }
    return matches(0, 0) ? String(decoding: bytes[first..<last], as: UTF8.self) : nil
  }
}
