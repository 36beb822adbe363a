import Configuration
import Diagnostics
import Testing

@Suite struct Documents {
  func failure(_ yaml: String) -> String { message { _ = try reader(yaml) } }

  @Test func empty() {
    for yaml in ["", "\n\n", "# only words\n", "~", "---\n"] {
      #expect(failure(yaml) == "run.yaml: the configuration is empty; write at least one key: value")
    }
    #expect(failure("- 1") == "run.yaml:1: expected a mapping (key: value), found a list")
    #expect(failure("just words") == "run.yaml:1: expected a mapping (key: value), found just words")
  }

  /// As some editors write it.
  @Test func byteOrderMark() throws {
    #expect(try reader("\u{FEFF}a: 1\n").int("a") == 1)
    #expect(failure("\u{FEFF}- 1") == "run.yaml:1: expected a mapping (key: value), found a list")
  }

  @Test func syntax() {
    #expect(
      failure("a: 1\nb: [1, 2\nc: 3\n")
        == "run.yaml:3: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence begun on line 2")
    #expect(
      failure("a: b: c")
        == "run.yaml:1: not valid YAML: mapping values are not allowed in this context")
    #expect(failure("a: \"x\nb: 1").hasPrefix("run.yaml:2: not valid YAML: found unexpected end of stream"))
    #expect(
      failure("a: 1\n\tb: 2")
        == "run.yaml:2: expected spaces at the beginning of the line, found a tab; indent with spaces")
    #expect(failure("a: 1\nb: \u{1}").hasPrefix("run.yaml:2: not valid YAML: control characters are not allowed"))
  }

  @Test func duplicates() {
    #expect(failure("a: 1\nb: 2\na: 3") == "run.yaml:1: the key \"a\" is given twice in one mapping; keep one of them")
    #expect(failure("a: 1\n\"a\": 3").contains("the key \"a\" is given twice"))
    #expect(failure("b:\n  1: 1\n  '1': 3").contains("the key \"1\" is given twice"))
  }

  @Test func severalDocuments() {
    #expect(
      failure("a: 1\n---\nb: 1")
        == "run.yaml:2: expected a single document, found another one; delete all after the first")
  }

  @Test func anchors() throws {
    let refused = "anchors (&name) and aliases (*name) are not supported"
    #expect(failure("a: &x 1\nb: 2") == "run.yaml:1: \(refused); write the value out, or quote it where it is text")
    #expect(failure("a: 1\nb: *x").hasPrefix("run.yaml:2: \(refused)"))
    #expect(failure("a: 1\nb: &x [1, 2]").contains(refused))
    #expect(failure("a: 1\nb: &x\n  c: 1").contains(refused))
    #expect(failure("&x a: 1").contains(refused))
    #expect(failure("a: {\"k\":*x}").contains(refused))
    // Not at the start of a value, they are text; in comments they are nothing.
    let config = try reader("# 2 & 3 *x\na: fish & chips * 2 &x\nb: \"*\" # &\n")
    #expect(try config.string("a") == "fish & chips * 2 &x")
    #expect(try config.string("b") == "*")
  }

  /// Ten levels of ten references each, as values and as keys, would be 10¹⁰ nodes.
  @Test(.timeLimit(.minutes(1))) func billionLaughs() {
    var yaml = "a0: &a0 [x, x]\n"
    for level in 1...10 {
      let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      yaml += "a\(level): &a\(level) [\(references)]\n"
    }
    #expect(failure(yaml).contains("are not supported"))
    #expect(failure(yaml + "? *a10\n: 1\n").contains("are not supported"))
  }

  @Test func limits() {
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    #expect(failure("a: \(deep)") == "run.yaml:1: nested more than 64 levels deep")
    let deeper = String(repeating: "[", count: 400_000)
    #expect(failure("a: \(deeper)") == "run.yaml:1: nested more than 64 levels deep")
    let whole = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
    #expect(failure("a: \(whole)") == "")
    let long = "a: " + String(repeating: "x", count: 1 << 20)
    #expect(failure(long) == "run.yaml: expected at most 1048576 bytes, found 1048579")
  }

  @Test func tagsAndKeys() {
    #expect(
      failure("a: !!binary aGk=")
        == "run.yaml:1: tags such as tag:yaml.org,2002:binary are not supported; write the value without it")
    #expect(failure("a: 1\n[b]: 1") == "run.yaml:2: expected a plain key, found a list")
    #expect(failure("? {a: 1}\n: 1") == "run.yaml:1: expected a plain key, found a mapping")
    #expect(failure("a: {b: 1, c: [1]}\nd: [{e: {}}]\n{}: 1") == "run.yaml:3: expected a plain key, found a mapping")
  }

  /// Brackets, question marks and colons in scalars and comments, which begin nothing.
  @Test func textThatLooksLikeStructure() throws {
    let many = String(repeating: "[{? ", count: 100)
    for text in [
      "it's \(many)", "x\(many)\n  \"\(many)\n  ? \(many)", "x # '\n", "\"\(many)\\\" \(many)\n \(many)\"",
      "'\(many)''\(many)'", "|\n  \(many)\n    \"\(many)\n\n  \(many)", ">2-  # \(many)\n     \(many)\n  \(many)",
      "-x:\(many)", "!!str '\(many)'", "1 # \(many)",
    ] {
      let config = try reader("a: \(text)\nb: [x: 1, {y: 2}, [3]]\n? c\n: 1\n")
      #expect(try config.string("a").isEmpty == false && config.int("c") == 1, "\(text)")
    }
  }

  /// What ends each of those, so that what follows is structure again.
  @Test func structureBehindText() {
    for text in ["it's", "'x'", "\"\\\"\"", "|\n  \"", ">1\n  '", "# \"", "'''\n'", "x\n\n  # '"] {
      let deep = failure("a: \(text)\nb: \(String(repeating: "[", count: 70))")
      #expect(deep.hasSuffix("nested more than 64 levels deep"), "\(text): \(deep)")
    }
    #expect(failure("a: {x: 1, [b]: 2}") == "run.yaml:1: expected a plain key, found a list")
    #expect(failure("a: [x, {y: 1}: 2]") == "run.yaml:1: expected a plain key, found a mapping")
    #expect(failure("a:\n- {b}\n- ? - c\n") == "run.yaml:3: expected a plain key, found a list")
    #expect(failure("? b: 1\n") == "run.yaml:1: expected a plain key, found a mapping")
    let steps = (0..<70).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(failure(steps) == "run.yaml:65: nested more than 64 levels deep")
    let lists = (0..<40).map { String(repeating: " ", count: $0) + "a:\n" + String(repeating: " ", count: $0) + "-\n" }
    #expect(failure(lists.joined()).hasSuffix("nested more than 64 levels deep"))
  }

  /// Where keys of keys became a tree before they were refused, these took minutes.
  @Test(.timeLimit(.minutes(1))) func keysOfKeys() {
    let yaml = (0..<500).map { String(repeating: "? ", count: 900) + "a\($0)\n" }.joined()
    #expect(failure(yaml) == "run.yaml:1: expected a plain key, found a mapping")
  }
}

@Suite struct Resolution {
  /// A setting of each kind, with the value it had when it was written.
  enum Setting {
    case int(Int), double(Double), bool(Bool), text(String), ints([Int]), texts([String]), none
    indirect case child([(String, Setting)])
  }

  /// Reads `settings` by asking for each with its own value as the default.
  func read(_ settings: [(String, Setting)], from config: ConfigReader) throws {
    for (key, setting) in settings {
      switch setting {
      case .int(let value): #expect(try config.int(key, default: value) == value)
      case .double(let value): #expect(try config.double(key, default: value).bitPattern == value.bitPattern)
      case .bool(let value): #expect(try config.bool(key, default: value) == value)
      case .text(let value):
        #expect(try config.string(key, default: value).unicodeScalars.elementsEqual(value.unicodeScalars))
      case .ints(let value): #expect(try config.ints(key, default: value) == value)
      case .texts(let value): #expect(try config.strings(key, default: value) == value)
      case .none: #expect(try config.optionalInt(key) == nil)
      case .child(let children): try read(children, from: try config.child(key))
      }
    }
  }

  @Test(arguments: 0..<500) func roundTrip(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let settings = Self.settings(depth: 3, &random)
    let first = try reader("unused: 1")
    try read(settings, from: first)
    let second = try reader(first.resolved + "unused: 1\n")
    // Every value now comes from the text: a default of another kind would be noticed, a changed value as well.
    try read(settings, from: second)
    #expect(message { try second.finish() }.contains("unused: unknown key"), "seed \(seed)")
    #expect(second.resolved == first.resolved, "seed \(seed)")
  }

  static let pieces = [
    "a", "Z", "0", "7", "-", "_", ".", "/", " ", ":", "#", "&", "*", "\"", "'", "\\", "\n", "\t", "\r", "\u{0}",
    "\u{7f}",
    "\u{85}", "\u{a0}", "é", "e\u{301}", "\u{2028}", "\u{feff}", "\u{fffe}", "\u{f5a6}", "😀", "true", "null", "yes",
    "~", "[",
    "]", "{", "}", ",", "|", ">", "%", "@", "`", "!", "?", "1e5", "---", "...", "<<", "=",
  ]

  static func text(_ random: inout SplitMix) -> String {
    let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
    return String(text.unicodeScalars.drop { $0 == "\u{feff}" })
  }

  static func settings(depth: Int, _ random: inout SplitMix) -> [(String, Setting)] {
    (0..<Int.random(in: 1...5, using: &random)).map { index in
      let key = Bool.random(using: &random) ? "k\(index)" : "\(index)" + text(&random)
      return switch Int.random(in: 0...(depth > 0 ? 7 : 6), using: &random) {
      case 0: (key, .int(Int.random(in: .min ... .max, using: &random)))
      case 1:
        (
          key,
          .double(
            Double(bitPattern: UInt64.random(in: 0..<0x7ff0_0000_0000_0000, using: &random))
              * (Bool.random(using: &random) ? 1 : -1))
        )
      case 2: (key, .bool(Bool.random(using: &random)))
      case 3: (key, .text(text(&random)))
      case 4:
        (key, .ints((0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: -9...9, using: &random) }))
      case 5: (key, .texts((0..<Int.random(in: 0...3, using: &random)).map { _ in text(&random) }))
      case 6: (key, .none)
      default: (key, .child(settings(depth: depth - 1, &random)))
      }
    }
  }
}

/// Steele, Lea, Flood: *Fast splittable pseudorandom number generators* (OOPSLA 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
