import Diagnostics
import Host

extension SentencePieceModel {
  /// Bytes that a thread encodes at a time.
  private static let piece = 1 << 18
  /// The most bytes of a line: it is encoded as a whole, for which the library takes some hundred times its size.
  static let mostLine = 1 << 23

  /// The tokens of UTF-8 in their order; the cores of `team` share it, line by line, so that they are those of one core.
  package func tokens(
    of utf8: ArraySlice<UInt8>, at place: String?, by team: CoreTeam
  ) throws -> [Int32] {
    try utf8.withUnsafeBufferPointer { text in
      var pieces: [Range<Int>] = []
      var start = 0
      while start < text.count {
        var end = min(start + Self.piece, text.count)
        let least = end
        while end < text.count, text[end - 1] != UInt8(ascii: "\n") { end += 1 }
        guard end - least <= Self.mostLine else {
          throw Failure(
            .badData, at: place,
            "expected lines of at most \(grouped(Self.mostLine)) bytes, found one of more that begins before byte \(grouped(least))",
            cure: "break it into lines, or take vocabulary: bytes")
        }
        pieces.append(start..<end)
        start = end
      }
      let found = try team.map(pieces.count) { number in
        defer { SignsOfLife.note() }
        return try self.tokens(of: UnsafeBufferPointer(rebasing: text[pieces[number]]), at: place)
      }
      var tokens: [Int32] = []
      tokens.reserveCapacity(found.reduce(0) { $0 + $1.count })
      for part in found { tokens += part }
      return tokens
    }
  }
}

extension Vocabulary {
  /// The tokens of UTF-8 of pieces of words, which the cores of `team` share.
  package func tokens(of utf8: ArraySlice<UInt8>, at place: String?, by team: CoreTeam) throws -> [Int32] {
    guard let model else { preconditionFailure("\(unit.rawValue) are no pieces of words") }
    return try model.tokens(of: utf8, at: place, by: team)
  }
}
