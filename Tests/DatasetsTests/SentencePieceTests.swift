import Diagnostics
import Foundation
import Host
import Testing

@testable import Datasets

/// Vocabularies of pieces of words, learned and applied.
@Suite struct SentencePieceTests {
  private static let lines = (0..<400).map { row in
    "The \(["quick", "lazy", "brown"][row % 3]) fox number \(row) jumps over the wall, the café and the größte lake."
  }
  private static let text = lines.joined(separator: "\n")

  private static func learned(
    _ size: Int = 400, _ method: SentencePieceModel.Method = .bpe, lines: [String] = lines
  ) throws -> SentencePieceModel {
    try SentencePieceModel(
      learning: size, by: method, coverage: 0.9995, from: lines.map { Array($0.utf8) }, at: "notes.txt")
  }

  /// What no vocabulary knows is told by its bytes: whatever is encoded comes back.
  @Test(arguments: SentencePieceModel.Method.allCases)
  func anyTextComesBack(method: SentencePieceModel.Method) throws {
    let model = try Self.learned(320, method)
    #expect(model.isExact)
    var generator = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
    print("seed \(seed)")
    var state = seed
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let parts = [
      " ", "  ", "\n", "\n\n", "\t", "\r\n", "\0", "\u{2581}", "\u{2581}a", "\u{2585}", "<s>", "<pad>", "<unk>",
      "<0x0A>", "ﬁ", "é", "e\u{301}",
      "\u{200D}", "👩‍🚀", "語", "the", " fox", "\u{FEFF}", "\u{2581}\u{301}",
    ]
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<next() % 12 {
        let scalar = Unicode.Scalar(UInt32(next() % 0x11_0000)) ?? "x"
        text += next() % 3 == 0 ? String(scalar) : parts[Int(next() % UInt64(parts.count))]
      }
      let tokens = try model.tokens(of: text)
      #expect(tokens.flatMap { model.bytes(of: $0) }.elementsEqual(text.utf8), "seed \(seed): \(text.debugDescription)")
      #expect(tokens.allSatisfy { model.isOfText(Int($0)) }, "seed \(seed): \(text.debugDescription)")
    }
  }

  @Test(arguments: SentencePieceModel.Method.allCases)
  func theSameLinesGiveTheSameBytes(method: SentencePieceModel.Method) throws {
    let first = try Self.learned(400, method)
    for _ in 0..<2 { #expect(try Self.learned(400, method).bytes == first.bytes) }
    #expect(
      (300...400).contains(first.count) && first.padding == 0 && first.names[0] == "<pad>" && first.names[2] == "<0x00>"
    )
    #expect(try Self.learned(400, method, lines: Self.lines.dropLast()).bytes != first.bytes)
  }

  /// A small text has fewer pieces than are wanted: there are as many as it has, unused ones fill the vocabulary up.
  @Test func aVocabularyIsAsLargeAsTheTextAllows() throws {
    let model = try Self.learned(5000, lines: ["hello there", "hello you"])
    #expect((268..<400).contains(model.count))
    let vocabulary = Vocabulary(model, size: 5000)
    #expect(vocabulary.names.count == 5000 && vocabulary.names.last == "unused 4999")
    #expect(!vocabulary.isUsed(4999) && !vocabulary.isUsed(0) && !vocabulary.isUsed(1) && vocabulary.isUsed(2))
    #expect(vocabulary.text(of: try vocabulary.tokens(of: "hello héllo\n")) == "hello héllo\n")
  }

  @Test func mistakesAreNamed() throws {
    func failure(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "no failure"
    }
    #expect(
      failure { _ = try Self.learned(lines: []) }.hasPrefix(
        "notes.txt: expected text to learn pieces of words from, found none"))
    let few = failure { _ = try Self.learned(100) }
    #expect(few.hasPrefix("notes.txt: expected at most 100 pieces to have one for each character and byte, found "))
    #expect(
      failure { _ = try SentencePieceModel([1, 2, 3], at: "a.model") }
        == "a.model: expected a model of SentencePiece, found another file; name a file that SentencePiece wrote (.model)"
    )
  }

  /// Cores share lines; the tokens are those of one core, and those of `spm_encode` line by line.
  @Test func coresChangeNoTokens() throws {
    let model = try Self.learned()
    let text = Array((0..<200).map { "\($0) \(Self.text)" }.joined(separator: "\n").utf8)
    #expect(text.count > 1 << 22)
    let alone = try model.tokens(of: text[...], at: nil, by: CoreTeam(cores: [0]))
    let shared = try model.tokens(of: text[...], at: nil, by: CoreTeam(cores: [0, 0, 0]))
    #expect(alone == shared)
    #expect(alone.flatMap { model.bytes(of: $0) } == text)
    let lines = try String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map { try model.tokens(of: String($0)) }
    #expect(Array(lines.joined(separator: try model.tokens(of: "\n"))) == alone)
  }

  /// Characters of several tokens are handed on when they are whole.
  @Test func streamsWholeCharacters() throws {
    let vocabulary = Vocabulary(try Self.learned(340))
    let text = "the 語 fox 👩‍🚀"
    var (stream, pieces) = (TokenText(vocabulary), [String]())
    for token in try vocabulary.tokens(of: text) { pieces.append(stream.append(token)) }
    #expect(pieces.joined() + stream.finish() == text)
    #expect(!pieces.contains { $0.contains("\u{FFFD}") } && pieces.contains("") && pieces.contains("語"))
  }

  @Test func aSampleIsEvenlySpread() {
    let text = Array((0..<1000).map { "line \($0 + 1000)\n" }.joined().utf8)
    func lines(_ limit: Int) -> [Int] {
      var sample = LineSample(ofTotal: text.count, limit: limit)
      text.withUnsafeBufferPointer { sample.add($0) }
      return sample.lines.map { Int(String(decoding: $0.dropFirst(5), as: UTF8.self))! - 1000 }
    }
    #expect(lines(text.count) == Array(0..<1000))
    let tenth = lines(text.count / 10)
    #expect((99...101).contains(tenth.count) && tenth.first == 0 && tenth.last! > 980)
    #expect(zip(tenth, tenth.dropFirst()).allSatisfy { (8...12).contains($1 - $0) })
    // A long line is cut between characters.
    var long = LineSample(ofTotal: 1 << 20, limit: 1 << 20)
    let accents = Array(String(repeating: "é", count: 100_000).utf8)
    accents.withUnsafeBufferPointer { long.add($0) }
    #expect(long.lines.count > 1 && long.lines.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
    #expect(long.lines.flatMap { $0 } == accents)
  }

  /// Of 10 characters 13 bytes; windows that overlap count what they have.
  @Test func bytesOfTargetsAreCounted() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("abcdéfghé€")
    func bytes(_ settings: TextSettings) throws -> Double? {
      guard case .windows(let windows) = try Dataset.text(path, settings, part: .all).features else { return nil }
      return windows.bytesPerToken
    }
    #expect(try bytes(TextSettings(unit: .characters, length: 9)) == 13.0 / 9)
    #expect(try bytes(TextSettings(unit: .bytes, length: 4)) == 1)
    // b c d é, and g h é €.
    #expect(try bytes(TextSettings(unit: .characters, length: 4, stride: 5)) == 12.0 / 8)
  }

  /// A genome is one word: the trainer, which has 16 bits for a place in one, is given parts of it.
  @Test func aWordLongerThanPlacesTell() throws {
    let letters = Array("ACGT".utf8)
    var word: [UInt8] = []
    for place in 0..<70_000 { word.append(letters[(place * place / 7 + place / 13) % 4]) }
    let model = try SentencePieceModel(learning: 300, by: .bpe, coverage: 1, from: [word], at: nil)
    let tokens = try model.tokens(of: String(decoding: word, as: UTF8.self))
    #expect(tokens.flatMap { model.bytes(of: $0) } == word)
  }
}
