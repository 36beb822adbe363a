import Diagnostics

/// The tokens of a text: each has a number, its place in `names`.
///
/// ```swift
/// let vocabulary = try Vocabulary(of: "abba", unit: .characters)
/// vocabulary.names                  // ["a", "b"]
/// try vocabulary.tokens(of: "baa")  // [1, 0, 0]
/// ```
public struct Vocabulary: Sendable, Equatable {
  /// What is one token.
  public enum Unit: String, Sendable, CaseIterable {
    /// A Unicode scalar: `a`, `é`, a line break. The names are the characters themselves, sorted.
    case characters
    /// A byte, whatever the encoding. The names are 0 to 255.
    case bytes
    /// A piece of a word, as SentencePiece finds them; its names are those of the pieces.
    case subwords
  }

  public let unit: Unit
  /// One a token.
  public let names: [String]
  /// What tells pieces of words; nil where tokens are others.
  package let model: SentencePieceModel?

  /// The vocabulary of characters or bytes that a run was trained with.
  public init(unit: Unit, names: [String]) {
    precondition(unit != .subwords, "pieces of words are told by a model")
    (self.unit, self.names, model) = (unit, names, nil)
  }

  /// Pieces of words, and unused names behind them up to `size`, where it is given.
  public init(_ model: SentencePieceModel, size: Int? = nil) {
    let unused = (model.count..<max(model.count, size ?? 0)).map { "unused \($0)" }
    (unit, names, self.model) = (.subwords, model.names + unused, model)
  }

  /// All bytes, or the characters of `text`, sorted, and unused names behind them up to `size`, where it is given.
  ///
  /// Throws bad data where there are more; `place` names the text.
  public init(of text: String, unit: Unit, size: Int? = nil, at place: String? = nil) throws(Failure) {
    var names: [String] =
      switch unit {
      case .bytes: (0...255).map(String.init)
      case .characters: Set(text.unicodeScalars).sorted().map { String($0) }
      case .subwords: preconditionFailure("pieces of words are learned: see SubwordSettings")
      }
    if let size {
      guard names.count <= size else {
        throw Failure(
          .badData, at: place, "expected at most \(size) different \(unit.rawValue), found \(names.count)",
          cure: "raise the vocabulary of data and model, or read the text as bytes, of which there are 256")
      }
      // No character has a name of several.
      for number in names.count..<size { names.append("unused \(number)") }
    }
    self.init(unit: unit, names: names)
  }

  /// The numbers of the tokens of `text`; throws bad data at the first character that has none. `place` names the text.
  public func tokens(of text: String, at place: String? = nil) throws(Failure) -> [Int32] {
    if unit == .bytes { return text.utf8.map { Int32($0) } }
    if let model { return try model.tokens(of: text, at: place) }
    var numbers: [Unicode.Scalar: Int32] = [:]
    for (number, name) in names.enumerated() where name.unicodeScalars.count == 1 {
      numbers[name.unicodeScalars.first!] = Int32(number)
    }
    var tokens: [Int32] = []
    tokens.reserveCapacity(text.unicodeScalars.count)
    var line = 1
    for scalar in text.unicodeScalars {
      guard let number = numbers[scalar] else {
        let code = String(scalar.value, radix: 16, uppercase: true)
        let written = scalar.properties.isWhitespace || scalar.value < 32 ? "" : " (\(scalar))"
        throw Failure(
          .badData, at: place, "expected characters of the training text, found U+\(code)\(written) in line \(line)",
          cure: "leave it out, or train on a text that has it")
      }
      if scalar == "\n" { line += 1 }
      tokens.append(number)
    }
    return tokens
  }

  /// Whether a text can have the token: it is no name that fills the vocabulary up.
  package func isUsed(_ token: Int) -> Bool {
    if let model { return model.isOfText(token) }
    return unit == .bytes || names[token].unicodeScalars.count == 1
  }

  /// The bytes that a token stands for; none where no text has it.
  package func bytes(of token: Int32) -> ArraySlice<UInt8> {
    if let model { return model.bytes(of: token) }
    if unit == .bytes { return [UInt8(truncatingIfNeeded: token)] }
    return isUsed(Int(token)) ? ArraySlice(names[Int(token)].utf8) : []
  }

  /// The text that tokens stand for. Bytes that are no UTF-8 become replacement characters, unused names nothing.
  public func text(of tokens: [Int32]) -> String {
    switch unit {
    case .bytes, .subwords: String(decoding: tokens.flatMap(bytes), as: UTF8.self)
    case .characters:
      tokens.filter { isUsed(Int($0)) }.map { names[Int($0)] }.joined()
    }
  }
}
