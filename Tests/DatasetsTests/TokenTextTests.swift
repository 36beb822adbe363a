import Datasets
import Testing

/// Pieces of a text as its tokens come: together they are the text of all.
@Suite struct TokenTextTests {
  private static func pieces(_ vocabulary: Vocabulary, _ tokens: [Int32]) -> [String] {
    var text = TokenText(vocabulary)
    return tokens.map { text.append($0) } + [text.finish()]
  }

  @Test func charactersComeOneByOne() throws {
    let vocabulary = try Vocabulary(of: "aé\n", unit: .characters, size: 4)
    #expect(Self.pieces(vocabulary, [1, 0, 3, 2]) == ["a", "\n", "", "é", ""])
  }

  @Test func bytesWaitForTheirCharacter() {
    let vocabulary = Vocabulary(unit: .bytes, names: (0...255).map(String.init))
    let text = "aé€😀"
    #expect(Self.pieces(vocabulary, text.utf8.map { Int32($0) }) == ["a", "", "é", "", "", "€", "", "", "", "😀", ""])
    #expect(Self.pieces(vocabulary, [0xF0, 0x9F]).last == "\u{FFFD}")
  }

  /// Every sequence of three bytes that are of a kind of their own, and then some: as decoding all at once.
  @Test func brokenBytesAreThoseOfTheWhole() {
    let vocabulary = Vocabulary(unit: .bytes, names: (0...255).map(String.init))
    let kinds: [Int32] = [
      0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
    ]
    for first in kinds {
      for second in kinds {
        for third in kinds {
          for fourth in [0x41, 0x80, 0xE0, 0xF1] as [Int32] {
            let tokens = [first, second, third, fourth]
            let found = Self.pieces(vocabulary, tokens).joined()
            if found != vocabulary.text(of: tokens) { Issue.record("\(tokens): \(found)") }
          }
        }
      }
    }
  }
}
