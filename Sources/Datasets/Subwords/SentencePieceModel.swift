import CSentencePiece
import Diagnostics

/// A vocabulary of pieces of words: a model of SentencePiece, with the bytes of its file.
///
/// ```swift
/// let model = try SentencePieceModel(file: "m.model")
/// model.text(of: try model.tokens(of: "a word"))  // "a word"
/// ```
/// What is learned here takes texts as they are and knows each byte, so that any text comes back as it was; a model of others
/// may change texts first (`isExact` tells). A line break is a token of its own: lines are encoded one by one.
///
/// Kudo, Richardson: *SentencePiece: a simple and language independent subword tokenizer and detokenizer* (2018).
public final class SentencePieceModel: @unchecked Sendable {
  /// The file, as `spm_encode` reads it.
  public let bytes: [UInt8]
  /// What pieces are called: `▁word`, `<0x0A>`; one behind them for padding where the model has none.
  public let names: [String]
  /// The token of padding.
  public let padding: Int32
  /// Whether each text comes back as it was.
  public private(set) var isExact = false
  /// The texts of the pieces, one behind the other, and where each ends.
  private let pieceBytes: [UInt8]
  private let ends: [Int]
  private let isText: [Bool]
  private let lineBreak: Int32?
  private let model: OpaquePointer

  /// Pieces that a model may have.
  package static let sizes = 2...(1 << 21)

  /// Reads what a file has; throws bad data (65), naming `place`, where that is no model of SentencePiece.
  public init(_ bytes: [UInt8], at place: String? = nil) throws(Failure) {
    let opened = CallResult.of { error, room in
      bytes.withUnsafeBufferPointer { csp_open($0.baseAddress, $0.count, error, room) }
    }
    guard let model = opened.value else {
      throw Failure(
        .badData, at: place, "expected a model of SentencePiece, found another file",
        cure: "name a file that SentencePiece wrote (.model)")
    }
    (self.model, self.bytes) = (model, bytes)
    let count = Int(csp_size(model))
    guard Self.sizes.contains(count) else {
      csp_close(model)
      throw Failure(
        .badData, at: place,
        "expected a model of \(Self.sizes.lowerBound) to \(Self.sizes.upperBound) pieces, found \(count)",
        cure: "use another model")
    }
    var (names, texts, ends, isText) = ([String](), [UInt8](), [Int](), [Bool]())
    for id in 0..<Int32(count) {
      var size = 0
      let piece = csp_piece(model, id, &size).map { Array(UnsafeRawBufferPointer(start: $0, count: size)) } ?? []
      let name = String(decoding: piece, as: UTF8.self)
      names.append(name)
      let kind = csp_kind_of(model, id)
      isText.append(kind == CSP_NORMAL || kind == CSP_BYTE)
      switch kind {
      case CSP_NORMAL: texts += piece.withUnsafeBufferPointer(Self.withBlanks)
      case CSP_BYTE: texts.append(UInt8(name.dropFirst(3).dropLast(), radix: 16) ?? 0)
      case CSP_UNKNOWN: texts += "\u{FFFD}".utf8
      default: break
      }
      ends.append(texts.count)
    }
    let own = csp_padding(model)
    padding = own >= 0 ? own : Int32(count)
    if own < 0 {
      names.append("<pad>")
      isText.append(false)
      ends.append(texts.count)
    }
    (self.names, pieceBytes, self.ends, self.isText) = (names, texts, ends, isText)
    let breaks = ["\n", "<0x0A>"].map { (piece: String) in csp_id(model, piece) }
    lineBreak = breaks.first { csp_kind_of(model, $0) != CSP_UNKNOWN }
    // Blanks where a normalisation would take or add some, a letter that is changed by NFKC, one that few vocabularies know, and
    // the sign that stands for a blank.
    let probe = "  a  ﬁ\t\u{1F9EC}\u{2581} \n "
    isExact = lineBreak != nil && (try? tokens(of: probe, at: nil, sparesBlank: true)).map(text) == probe
  }

  deinit { csp_close(model) }

  /// How many tokens there are, that of padding among them.
  public var count: Int { names.count }

  /// Whether a text may have the token.
  func isOfText(_ token: Int) -> Bool { isText.indices.contains(token) && isText[token] }

  /// The bytes that a token stands for: those of padding are none.
  func bytes(of token: Int32) -> ArraySlice<UInt8> {
    let token = Int(token)
    guard ends.indices.contains(token) else { return [] }
    return pieceBytes[(token > 0 ? ends[token - 1] : 0)..<ends[token]]
  }

  /// The text of tokens; bytes that are no UTF-8 become replacement characters.
  public func text(of tokens: [Int32]) -> String { String(decoding: tokens.flatMap(bytes), as: UTF8.self) }

  /// The tokens of a text; throws bad data where SentencePiece fails. `place` names the text.
  public func tokens(of text: String, at place: String? = nil) throws(Failure) -> [Int32] {
    try tokens(of: text, at: place, sparesBlank: isExact)
  }

  private func tokens(of text: String, at place: String?, sparesBlank: Bool) throws(Failure) -> [Int32] {
    var text = text
    let found = text.withUTF8 { utf8 in Result { () throws(Failure) in try tokens(of: utf8, place, sparesBlank) } }
    return try found.get()
  }

  /// The same of UTF-8.
  func tokens(of utf8: UnsafeBufferPointer<UInt8>, at place: String?) throws(Failure) -> [Int32] {
    try tokens(of: utf8, place, isExact)
  }

  /// - Parameter sparesBlank: whether `▁` of a text is told by its bytes, as the character stands for a blank within pieces.
  private func tokens(
    of utf8: UnsafeBufferPointer<UInt8>, _ place: String?, _ sparesBlank: Bool
  ) throws(Failure) -> [Int32] {
    var tokens: [Int32] = []
    tokens.reserveCapacity(utf8.count / 3 + 16)
    var start = 0
    for end in 0...utf8.count {
      let isBreak = end < utf8.count && utf8[end] == UInt8(ascii: "\n")
      let isBlank = sparesBlank && Self.isBlank(utf8, end)
      guard isBreak || isBlank || end == utf8.count, start <= end else { continue }
      if end > start { try encode(UnsafeBufferPointer(rebasing: utf8[start..<end]), place, into: &tokens) }
      start = end + 1
      if isBreak, let lineBreak { tokens.append(lineBreak) }
      if isBlank {
        tokens += ["<0xE2>", "<0x96>", "<0x81>"].map { (byte: String) in csp_id(model, byte) }
        start = end + 3
      }
    }
    return tokens
  }

  /// A piece with blanks where it has `▁`. By bytes: with a mark behind it that is another letter to Swift.
  private static func withBlanks(_ piece: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var (found, place) = ([UInt8](), 0)
    while place < piece.count {
      let isBlank = isBlank(piece, place)
      found.append(isBlank ? UInt8(ascii: " ") : piece[place])
      place += isBlank ? 3 : 1
    }
    return found
  }

  /// Whether `▁`, U+2581, begins at a place of UTF-8.
  private static func isBlank(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    place + 2 < text.count && text[place] == 0xE2 && text[place + 1] == 0x96 && text[place + 2] == 0x81
  }

  /// Adds the tokens of UTF-8 without a line break.
  private func encode(
    _ line: UnsafeBufferPointer<UInt8>, _ place: String?, into tokens: inout [Int32]
  ) throws(Failure) {
    // Mostly a token has some bytes; a model may make several of one.
    var room = line.count + 16
    while true {
      var found = 0
      let result = CallResult.of { error, size in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: room) { ids in
          let isDone = line.withMemoryRebound(to: CChar.self) {
            csp_encode(model, $0.baseAddress, $0.count, ids.baseAddress, room, &found, error, size)
          }
          if isDone, found <= room { tokens.append(contentsOf: ids.prefix(found)) }
          return isDone
        }
      }
      guard result.value else {
        throw Failure(.badData, at: place, "SentencePiece failed: \(result.message)", cure: "use another vocabulary")
      }
      guard found > room else { return }
      room = found
    }
  }
}

extension SentencePieceModel: Equatable {
  public static func == (one: SentencePieceModel, other: SentencePieceModel) -> Bool {
    one === other || one.bytes == other.bytes
  }
}

/// What a call of the library gave, and what it said where it failed.
struct CallResult<Value> {
  let value: Value
  let message: String

  static func of(_ body: (UnsafeMutablePointer<CChar>, Int) -> Value) -> CallResult {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { error in
      error[0] = 0
      let value = body(error.baseAddress!, error.count)
      return CallResult(value: value, message: String(cString: error.baseAddress!))
    }
  }
}
