/// A place in YAML text, and the ways over what has no structure: blanks, comments, scalars, tags.
///
/// It goes exactly where libyaml's scanner goes, so that both see the same structure. Where that one refuses the text, a
/// way over something returns false, or ends anywhere: nothing behind it is read.
struct YAMLCursor {
  private let scalars: [UInt32]
  private(set) var index = 0
  /// From 1.
  private(set) var line = 1
  /// From 0, in characters.
  private(set) var column = 0

  init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

  /// The character here, or some further on; 0 behind the last one.
  func peek(_ offset: Int = 0) -> UInt32 { index + offset < scalars.count ? scalars[index + offset] : 0 }

  func isAt(_ characters: String) -> Bool { Self.contains(characters, peek()) }

  /// Whether an indicator stands here that needs a blank behind it.
  func isIndicator(_ character: String, inFlow: Bool = false) -> Bool {
    isAt(character) && (inFlow || Self.isBlankOrEnd(peek(1)))
  }

  /// `---` or `...` at the beginning of a line.
  var isAtDocumentMark: Bool {
    column == 0 && isAt("-.") && peek(1) == peek() && peek(2) == peek() && Self.isBlankOrEnd(peek(3))
  }

  mutating func advance() {
    let scalar = peek()
    index += 1
    guard Self.isBreak(scalar) else {
      column += 1
      return
    }
    if scalar == 0xd, peek() == 0xa { index += 1 }
    (line, column) = (line + 1, 0)
  }

  mutating func skipLine() { while !Self.isBreakOrEnd(peek()) { advance() } }

  /// Goes to the next token.
  /// - Parameter allowsKey: whether a key, or `-` or `?`, may stand next; a new line allows it outside of `[]` and `{}`.
  mutating func skipToToken(inFlow: Bool, allowsKey: inout Bool) {
    while true {
      if column == 0, peek() == 0xfeff { advance() }
      while isAt(" ") || (inFlow || !allowsKey) && isAt("\t") { advance() }
      if isAt("#") { skipLine() }
      guard Self.isBreak(peek()) else { return }
      advance()
      if !inFlow { allowsKey = true }
    }
  }
}

// MARK: - Scalars and tags

extension YAMLCursor {
  mutating func skipQuoted() {
    let quote = peek()
    let isSingle = isAt("'")
    advance()
    while index < scalars.count {
      if peek() == quote {
        advance()
        guard isSingle, peek() == quote else { return }
      } else if !isSingle, isAt("\\") {
        advance()
      }
      advance()
    }
  }

  /// - Parameter indent: the least column in which a further line of it begins.
  /// - Returns: whether it ends behind a line break; nil where libyaml refuses it.
  mutating func skipPlain(inFlow: Bool, indent: Int) -> Bool? {
    var endsLine = false
    while !isAtDocumentMark, !isAt("#") {
      while !Self.isBlankOrEnd(peek()) {
        if inFlow, isAt(":"), Self.contains(",?[]{}", peek(1)) { return nil }
        if isIndicator(":") || inFlow && isAt(",[]{}") { break }
        endsLine = false
        advance()
      }
      guard Self.isBlank(peek()) || Self.isBreak(peek()) else { break }
      while Self.isBlank(peek()) || Self.isBreak(peek()) {
        if Self.isBreak(peek()) { endsLine = true }
        if endsLine, column < indent, isAt("\t") { return nil }
        advance()
      }
      if !inFlow, column < indent { break }
    }
    return endsLine
  }

  /// A scalar that begins with `|` or `>`.
  /// - Parameter parent: the column of the collection that it stands in; -1 where there is none.
  mutating func skipBlock(parent: Int) -> Bool {
    advance()
    var indent = 0
    for _ in 0..<2 {
      if isAt("0") { return false }
      if isAt("123456789") { indent = max(parent, 0) + Int(peek()) - 48 }
      if isAt("+-123456789") { advance() }
    }
    while Self.isBlank(peek()) { advance() }
    if isAt("#") { skipLine() }
    guard Self.isBreakOrEnd(peek()) else { return false }
    if peek() != 0 { advance() }
    guard skipIndentation(&indent, parent) else { return false }
    while column == indent, peek() != 0 {
      skipLine()
      if peek() != 0 { advance() }
      guard skipIndentation(&indent, parent) else { return false }
    }
    return true
  }

  /// Goes over empty lines, and to `indent` or, where that is 0, to where the first line begins.
  private mutating func skipIndentation(_ indent: inout Int, _ parent: Int) -> Bool {
    var most = 0
    while true {
      while indent == 0 || column < indent, isAt(" ") { advance() }
      most = max(most, column)
      if indent == 0 || column < indent, isAt("\t") { return false }
      guard Self.isBreak(peek()) else { break }
      advance()
    }
    if indent == 0 { indent = max(most, parent + 1, 1) }
    return true
  }

  /// `!name` or `!<name>`.
  mutating func skipTag(inFlow: Bool) {
    let isVerbatim = Self.contains("<", peek(1))
    while !Self.isBlankOrEnd(peek()) {
      if inFlow, !isVerbatim, isAt(",[]{}") { return }
      if isVerbatim, isAt(">") {
        advance()
        return
      }
      advance()
    }
  }
}

// MARK: - Characters

extension YAMLCursor {
  /// What libyaml takes for the end of a line.
  private static func isBreak(_ scalar: UInt32) -> Bool {
    scalar == 0xa || scalar == 0xd || scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029
  }

  private static func isBlank(_ scalar: UInt32) -> Bool { scalar == 0x20 || scalar == 0x9 }
  private static func isBreakOrEnd(_ scalar: UInt32) -> Bool { scalar == 0 || isBreak(scalar) }
  private static func isBlankOrEnd(_ scalar: UInt32) -> Bool { isBlank(scalar) || isBreakOrEnd(scalar) }

  private static func contains(_ characters: String, _ scalar: UInt32) -> Bool {
    scalar < 0x80 && characters.utf8.contains(UInt8(scalar))
  }
}
