import Diagnostics
import Yams

/// YAML text on its way to a tree of nodes: refused unless it is one small document without anchors.
struct ConfigText {
  /// The longest configuration that is read, in bytes.
  static let maximumBytes = 1 << 20
  /// The most lists and mappings, one in another, that are read.
  static let maximumDepth = 64

  private let yaml: String
  private let file: String
  /// Set for the value of an override, which has no lines of its own.
  private let overridePlace: ConfigNode.Place?
  /// Whether the parser is given stand-ins for `&` and `*`.
  private let hasStandIns: Bool

  /// The text of `file`, or of an override.
  init(_ yaml: String, file: String, override place: ConfigNode.Place? = nil) {
    // Some editors begin a file with a byte order mark, which would hide the first key.
    self.yaml = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
    self.file = file
    overridePlace = place
    hasStandIns = yaml.utf8.contains { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "*") }
  }

  /// The document; nil where there is none.
  ///
  /// An anchor that is used twice by each of the next ones grows without bounds while Yams is still parsing: it
  /// compares keys, hence whole subtrees. So the parser never sees one. `&` and `*` reach it as two other characters,
  /// which begin a plain scalar where the originals would have begun an anchor or an alias.
  func compose() throws -> ConfigNode? {
    guard yaml.utf8.count <= Self.maximumBytes else {
      throw failure(nil, "expected at most \(Self.maximumBytes) bytes, found \(yaml.utf8.count)")
    }
    var text = yaml
    if hasStandIns {
      let lowercase = yaml.lowercased()
      guard !Self.standInEscapes.contains(where: lowercase.contains),
        !yaml.unicodeScalars.contains(where: Self.isStandIn)
      else {
        throw failure(nil, "the characters U+F5A6 and U+F5A7 cannot stand beside & or *")
      }
      text = String(String.UnicodeScalarView(yaml.unicodeScalars.map { Self.standIns[$0] ?? $0 }))
    }
    // Yams keeps a pointer into the string, which short strings do not have.
    if text.utf8.count < 16 { text += (text.hasSuffix("\n") ? "" : "\n") + "#               " }
    if let (line, fault) = ConfigNesting.fault(in: text, maximumDepth: Self.maximumDepth) {
      switch fault {
      case .tooDeep: throw tooDeep(line)
      case .key(let isMapping):
        throw failure(line, "expected a plain key, found a \(isMapping ? "mapping" : "list")")
      }
    }
    do {
      // No resolver: what a scalar is worth is decided by whoever asks, and its regular expressions are slow.
      return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot().map { try node($0, depth: 1) }
    } catch let error as YamlError {
      throw translated(error)
    }
  }

  private static let standIns: [Unicode.Scalar: Unicode.Scalar] = ["&": "\u{f5a6}", "*": "\u{f5a7}"]
  private static let standInEscapes = ["\\uf5a", "\\u0000f5a"]
  private static func isStandIn(_ scalar: Unicode.Scalar) -> Bool { standIns.values.contains(scalar) }

  /// The text with `&` and `*` where the stand-ins are.
  ///
  /// Byte order marks at its start go: Yams drops the first, and what is printed must read back as it was.
  private func restored(_ text: String) -> String {
    let scalars = text.unicodeScalars.drop { $0 == "\u{feff}" }
    guard hasStandIns else { return String(scalars) }
    return String(
      String.UnicodeScalarView(scalars.map { $0 == "\u{f5a6}" ? "&" : $0 == "\u{f5a7}" ? "*" : $0 }))
  }

  /// - Parameter depth: the number of lists and mappings that it stands in, itself included.
  private func node(_ node: Node, depth: Int) throws -> ConfigNode {
    let line = node.mark?.line
    if depth > Self.maximumDepth, node.scalar == nil { throw tooDeep(line) }
    let place = overridePlace ?? line.map { .line($0) } ?? .nowhere
    guard [Tag.Name.str, .seq, .map].map(\.rawValue).contains(node.tag.description) else {
      throw failure(line, "tags such as \(node.tag.description) are not supported", cure: "write the value without it")
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      if hasStandIns, isPlain, let first = scalar.string.unicodeScalars.first, Self.isStandIn(first) {
        throw failure(line, Self.noAnchors, cure: "write the value out, or quote it where it is text")
      }
      return ConfigNode(
        content: .scalar(ConfigScalar(text: restored(scalar.string), isPlain: isPlain)), place: place)
    case .sequence(let sequence):
      return ConfigNode(content: .list(try sequence.map { try self.node($0, depth: depth + 1) }), place: place)
    case .mapping(let mapping):
      var pairs: [ConfigNode.Pair] = []
      var keys: Set<String> = []
      for (key, value) in mapping {
        let keyNode = try self.node(key, depth: depth + 1)
        guard let name = keyNode.name else {
          throw failure(key.mark?.line, "expected a plain key, found \(keyNode.found)")
        }
        guard keys.insert(name).inserted else { throw failure(key.mark?.line, Self.twice(name)) }
        pairs.append(
          ConfigNode.Pair(key: name, place: keyNode.place, value: try self.node(value, depth: depth + 1)))
      }
      return ConfigNode(content: .mapping(pairs), place: place)
    case .alias:
      throw failure(line, Self.noAnchors)
    }
  }

  private func tooDeep(_ line: Int?) -> Failure { failure(line, "nested more than \(Self.maximumDepth) levels deep") }

  private static let noAnchors = "anchors (&name) and aliases (*name) are not supported"
  private static func twice(_ key: String) -> String { "the key \"\(key)\" is given twice in one mapping" }

  /// One line in place of Yams' several.
  private func translated(_ error: YamlError) -> Failure {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      if let line = tabbedLine(upTo: mark.line) {
        return failure(line, "expected spaces at the beginning of the line, found a tab", cure: "indent with spaces")
      }
      // The parser may have lost its way right after an anchor.
      let cure = hasStandIns ? Self.noAnchors : nil
      let begun =
        context.map { " \($0.text)\($0.mark.line == mark.line ? "" : " begun on line \($0.mark.line)")" } ?? ""
      return failure(mark.line, "not valid YAML: \(restored(problem))\(begun)", cure: cure)
    case .composer(_, _, let mark, _):
      return failure(mark.line, "expected a single document, found another one", cure: "delete all after the first")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return failure(context.mark.line, Self.twice(restored(duplicates.first ?? "")), cure: "keep one of them")
    case .reader(let problem, let offset, _, _):
      let line = offset.map { yaml.prefix($0).count(where: \.isNewline) + 1 }
      return failure(line, "not valid YAML: \(problem)")
    default:
      return failure(nil, "not valid YAML: \(error)")
    }
  }

  /// The first line, of that where the parser gave up and the one before, that is indented by a tab, which YAML forbids.
  private func tabbedLine(upTo last: Int) -> Int? {
    let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
    return (max(1, last - 1)...max(1, last)).first { line in
      line <= lines.count && lines[line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
    }
  }

  private func failure(_ line: Int?, _ fault: String, cure: String? = nil) -> Failure {
    if case .override(let path) = overridePlace {
      return Failure(.badConfiguration, at: "--set \(path)", fault, cure: cure)
    }
    // The comment that lengthens a short text is no line of the file.
    let last = yaml.utf8.count { $0 == UInt8(ascii: "\n") } + 1
    return Failure(.badConfiguration, at: line.map { "\(file):\(min($0, last))" } ?? file, fault, cure: cure)
  }
}
