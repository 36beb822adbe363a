/// Walks through YAML text before Yams makes a tree of it, and finds what would make the tree slow to make.
///
/// Yams compares the keys of a mapping, hence whole subtrees where keys are mappings or lists: a kilobyte of nested keys
/// takes it a second. No key of ours is one, so the first ends the walk; so does nesting beyond a limit. The walk takes
/// time and memory in proportion to the text. Yams offers no such walk: it shows the tree alone.
///
/// Where the text is no YAML, the walk ends; Yams says so better.
struct ConfigNesting {
  enum Fault: Equatable {
    case tooDeep
    /// A key that is a mapping or a list.
    case key(isMapping: Bool)
  }

  /// A collection that is open: by its column, or by a bracket.
  private struct Level {
    var column = 0
    var isMapping = true
    /// From 1.
    var line = 0
    /// Whether what comes next is a key, whatever follows: after `?`, and in `{}` after a comma.
    var wantsKey = false
  }

  /// What one pair of brackets, or the text outside of them, has come to.
  private struct Context {
    /// Where a key that a colon may follow has begun.
    var key: (line: Int, index: Int, column: Int)?
    /// The first collection in brackets since then.
    var collection: Level?
  }

  private var cursor: YAMLCursor
  private var blocks: [Level] = []
  private var brackets: [Level] = []
  /// One more than brackets.
  private var contexts = [Context()]
  /// Whether a key may begin here, or `-` or `?`.
  private var allowsKey = true

  private init(_ text: String) { cursor = YAMLCursor(text) }

  /// The first fault of `text` and its line, from 1; nil where there is none.
  ///
  /// A list in a mapping that is not indented, and a pair in a list, are not counted as levels.
  static func fault(in text: String, maximumDepth: Int) -> (line: Int, fault: Fault)? {
    var walk = ConfigNesting(text)
    do {
      while try walk.step() {
        if walk.blocks.count + walk.brackets.count > maximumDepth { return (walk.cursor.line, .tooDeep) }
      }
      return nil
    } catch {
      return (error.line, error.fault)
    }
  }

  private struct Found: Error {
    let line: Int
    let fault: Fault

    init(_ fault: Fault, _ line: Int) { (self.line, self.fault) = (line, fault) }
  }

  private var inFlow: Bool { !brackets.isEmpty }
  private var context: Context {
    get { contexts[contexts.count - 1] }
    set { contexts[contexts.count - 1] = newValue }
  }

  /// Goes over one token; false at the end, and where libyaml refuses the text.
  private mutating func step() throws(Found) -> Bool {
    cursor.skipToToken(inFlow: inFlow, allowsKey: &allowsKey)
    if !inFlow { closeBlocks(downTo: cursor.column) }
    switch Unicode.Scalar(cursor.peek()) ?? "\0" {
    case "\0", "@", "`", "\t": return false
    case "%" where cursor.column == 0:
      closeBlocks(downTo: -1)
      (context, allowsKey) = (Context(), false)
      cursor.skipLine()
    case _ where cursor.isAtDocumentMark:
      closeBlocks(downTo: -1)
      (context, allowsKey) = (Context(), false)
      for _ in 0..<3 { cursor.advance() }
    case "[", "{": try openBracket()
    case "]", "}": return closeBracket()
    case ",": return nextInBrackets()
    case "-" where cursor.isIndicator("-"): return try listElement()
    case "?" where cursor.isIndicator("?", inFlow: inFlow): return try explicitKey()
    case ":" where cursor.isIndicator(":", inFlow: inFlow): return try value()
    case "!":
      noteKey()
      cursor.skipTag(inFlow: inFlow)
    case "|" where !inFlow, ">" where !inFlow:
      (context, allowsKey) = (Context(), true)
      return cursor.skipBlock(parent: blocks.last?.column ?? -1)
    case "\"", "'":
      beginScalar()
      cursor.skipQuoted()
    case "|", ">", "%", "&", "*": return false
    default:
      beginScalar()
      guard let endsLine = cursor.skipPlain(inFlow: inFlow, indent: (blocks.last?.column ?? -1) + 1) else {
        return false
      }
      if endsLine { allowsKey = true }
    }
    return true
  }

  /// What begins here may turn out to be a key.
  private mutating func noteKey() {
    if allowsKey { context = Context(key: (cursor.line, cursor.index, cursor.column)) }
    allowsKey = false
  }

  private mutating func beginScalar() {
    noteKey()
    if inFlow { brackets[brackets.count - 1].wantsKey = false }
  }
}

// MARK: - Brackets

extension ConfigNesting {
  private mutating func openBracket() throws(Found) {
    let level = Level(isMapping: cursor.isAt("{"), line: cursor.line, wantsKey: cursor.isAt("{"))
    if (brackets.last ?? blocks.last)?.wantsKey == true { throw Found(.key(isMapping: level.isMapping), level.line) }
    noteKey()
    brackets.append(level)
    contexts.append(Context())
    allowsKey = true
    cursor.advance()
  }

  private mutating func closeBracket() -> Bool {
    guard let level = brackets.popLast(), level.isMapping == cursor.isAt("}") else { return false }
    contexts.removeLast()
    context.collection = context.collection ?? level
    allowsKey = false
    cursor.advance()
    return true
  }

  private mutating func nextInBrackets() -> Bool {
    guard inFlow else { return false }
    brackets[brackets.count - 1].wantsKey = brackets[brackets.count - 1].isMapping
    (context, allowsKey) = (Context(), true)
    cursor.advance()
    return true
  }
}

// MARK: - Blocks

extension ConfigNesting {
  private mutating func closeBlocks(downTo column: Int) {
    while let last = blocks.last, last.column > column { blocks.removeLast() }
  }

  /// Opens a collection, unless it is the one that is open in this column.
  private mutating func openBlock(at column: Int, isMapping: Bool) throws(Found) {
    guard (blocks.last?.column ?? -1) < column else { return }
    if blocks.last?.wantsKey == true { throw Found(.key(isMapping: isMapping), cursor.line) }
    blocks.append(Level(column: column, isMapping: isMapping, line: cursor.line))
  }

  private mutating func listElement() throws(Found) -> Bool {
    guard !inFlow, allowsKey else { return false }
    if blocks.last?.wantsKey == true { throw Found(.key(isMapping: false), cursor.line) }
    try openBlock(at: cursor.column, isMapping: false)
    context = Context()
    cursor.advance()
    return true
  }

  private mutating func explicitKey() throws(Found) -> Bool {
    if inFlow {
      brackets[brackets.count - 1].wantsKey = true
    } else {
      guard allowsKey else { return false }
      try openBlock(at: cursor.column, isMapping: true)
      blocks[blocks.count - 1].wantsKey = true
    }
    (context, allowsKey) = (Context(), !inFlow)
    cursor.advance()
    return true
  }

  private mutating func value() throws(Found) -> Bool {
    // A key without `?` stands on one line, within 1024 characters.
    let key = context.key.flatMap { $0.line == cursor.line && $0.index + 1024 >= cursor.index ? $0 : nil }
    if key != nil, let collection = context.collection {
      throw Found(.key(isMapping: collection.isMapping), collection.line)
    }
    if inFlow {
      brackets[brackets.count - 1].wantsKey = false
    } else {
      guard key != nil || allowsKey else { return false }
      try openBlock(at: key?.column ?? cursor.column, isMapping: true)
      blocks[blocks.count - 1].wantsKey = false
    }
    (context, allowsKey) = (Context(), key == nil && !inFlow)
    cursor.advance()
    return true
  }
}
