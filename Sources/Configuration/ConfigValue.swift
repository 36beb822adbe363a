import Diagnostics

/// One value of a configuration, to be read as what the caller expects it to be.
///
/// ```swift
/// let sizes = try reader.list("sizes") { try $0.int(in: 1...) }
/// ```
/// Reading it records what it came to, and a value that is not as expected is told with file, line and key.
public final class ConfigValue {
  /// The key path: `layers.2.dense.units`.
  package let path: String
  let node: ConfigNode
  let origin: ConfigOrigin
  var resolved: ConfigResolved
  /// Whether the resolved configuration goes without it.
  var isLeftOut = false
  /// Where nothing is read, and what is asked for is noted: see `ConfigDescription`.
  let notes: ConfigNotes?

  init(
    _ node: ConfigNode, path: String, origin: ConfigOrigin, resolved: ConfigResolved = .null, notes: ConfigNotes? = nil
  ) {
    self.node = node
    self.path = path
    self.origin = origin
    self.notes = notes
    self.resolved = resolved
  }

  /// Whether it is written as nothing, `~` or `null`.
  public var isNull: Bool { node.isNull }

  /// Whether it is a list.
  public var isList: Bool { if case .list = node.content { true } else { false } }

  /// Any text; a plain number or word is text as well.
  public func string() throws -> String {
    if notes != nil { return describe("text", .text, example: "text", .text("text")) }
    guard let scalar, !scalar.isNull else { throw unexpected("expected text") }
    resolved = .text(scalar.text)
    return scalar.text
  }

  /// The path of a file, absolute: one that is relative starts from the configuration's directory, or from the current
  /// one where the command line names it.
  public func filePath() throws -> String {
    if notes != nil { return describe("a path", .path, example: "/file", .text("/file")) }
    guard let scalar, !scalar.isNull, !scalar.text.isEmpty else {
      throw failure(
        "expected a path, found \(scalar?.text == "" ? "an empty text" : node.found)", cure: "name a file")
    }
    guard !scalar.text.hasPrefix("~/") else {
      throw unexpected("expected a path", cure: "write your home directory out: only a shell knows it as ~")
    }
    let path = origin.absolute(scalar.text, at: node.place)
    resolved = .text(path)
    return path
  }

  /// A whole number in `interval`.
  public func int<I: Interval<Int>>(in interval: I = Unbounded<Int>()) throws -> Int {
    let expected = "expected a whole number\(interval.phrase)"
    if notes != nil {
      return describe(expected, .whole(interval.limits), example: interval.example, .scalar("\(interval.example)"))
    }
    guard let value = scalar?.int else {
      let size = scalar?.isTooLong == true ? "whole numbers go from \(Int.min) to \(Int.max)" : nil
      throw unexpected(expected, cure: unquoted?.int == nil ? size : "remove the quotes")
    }
    guard interval.contains(value) else { throw unexpected(expected) }
    resolved = .scalar("\(value)")
    return value
  }

  /// A whole number in `interval`, or `word` in its place, which gives nil.
  public func int<I: Interval<Int>>(in interval: I, or word: String) throws -> Int? {
    let expected = "expected \(word) or a whole number\(interval.phrase)"
    if notes != nil {
      let shape = ConfigShape.either([.words([word]), .whole(interval.limits)])
      return describe(expected, shape, example: Int?.none, .text(word))
    }
    if node.name == word {
      resolved = .text(word)
      return nil
    }
    guard let value = scalar?.int, interval.contains(value) else {
      throw unexpected(expected, cure: unquoted?.int == nil ? nil : "remove the quotes")
    }
    resolved = .scalar("\(value)")
    return value
  }

  /// A finite number in `interval`.
  public func double<I: Interval<Double>>(in interval: I = Unbounded<Double>()) throws -> Double {
    let expected = "expected a number\(interval.phrase)"
    if notes != nil {
      return describe(expected, .number(interval.limits), example: interval.example, .scalar("\(interval.example)"))
    }
    guard let value = scalar?.double else {
      let size = scalar?.isTooLarge == true ? "numbers go up to \(Double.greatestFiniteMagnitude)" : nil
      throw unexpected(expected, cure: unquoted?.double == nil ? size : "remove the quotes")
    }
    guard interval.contains(value) else { throw unexpected(expected) }
    resolved = .scalar("\(value)")
    return value
  }

  /// `true` or `false`, and nothing else.
  public func bool() throws -> Bool {
    if notes != nil { return describe("true or false", .truth, example: false, .scalar("false")) }
    guard let value = scalar?.bool else { throw unexpected("expected true or false") }
    resolved = .scalar("\(value)")
    return value
  }

  /// One of an enumeration's words.
  public func option<Option: RawRepresentable<String> & CaseIterable>(of type: Option.Type = Option.self) throws
    -> Option
  {
    let words = Option.allCases.map(\.rawValue)
    if notes != nil, let first = Option.allCases.first {
      return describe("one of \(words.joined(separator: ", "))", .words(words), example: first, .text(first.rawValue))
    }
    guard let name = node.name, let value = Option(rawValue: name) else { throw unexpected(words) }
    resolved = .text(name)
    return value
  }

  /// A mapping.
  public func mapping() throws -> ConfigReader {
    if notes != nil {
      let reader = ConfigReader(node, path: path, origin: origin, isDescribing: true)
      return describe("a mapping", .mapping([]), example: reader, .reader(reader))
    }
    guard case .mapping = node.content else { throw unexpected("expected a mapping (key: value)") }
    let reader = ConfigReader(node, path: path, origin: origin)
    resolved = .reader(reader)
    return reader
  }

  /// A list with as many elements as `count` says, each read by `element`.
  public func list<Element, I: Interval<Int>>(
    count: I = Unbounded<Int>(), element: (ConfigValue) throws -> Element
  ) throws -> [Element] {
    if let notes { return try describeList(notes, count, element) }
    guard case .list(let nodes) = node.content else { throw unexpected("expected a list") }
    guard count.contains(nodes.count) else {
      throw failure("expected a number of elements\(count.phrase), found \(nodes.count)")
    }
    let values = nodes.enumerated().map { ConfigValue($0.element, path: "\(path).\($0.offset)", origin: origin) }
    let elements = try values.map(element)
    resolved = .list(values.map(\.resolved))
    return elements
  }

  /// One of several kinds: its name alone, or a mapping from its name to its settings.
  ///
  /// ```yaml
  /// - relu                  # all settings at their defaults
  /// - dense: {units: 512}
  /// - dense: 512            # what is no mapping is the value of the key asked for first
  /// ```
  public func choice<Value>(_ cases: ConfigCases<Value>) throws -> Value {
    if let notes { return try describeChoice(notes, cases, cases.names[0]) }
    let names = cases.names
    let name: String
    let settings: ConfigNode
    if let word = node.name {
      (name, settings) = (word, .empty(at: node.place))
    } else if case .mapping(let pairs) = node.content, pairs.count == 1 {
      (name, settings) = (pairs[0].key, pairs[0].value)
    } else if case .mapping(let pairs) = node.content, pairs.count > 1 {
      let fault =
        "expected a single one of \(names.joined(separator: ", ")), found \(pairs.map(\.key).joined(separator: ", "))"
      // A setting of one kind does not take away the kind that was there.
      guard let added = pairs.first(where: { $0.place.isOverride }) else {
        let chosen = pairs.filter { names.contains($0.key) }
        let others = pairs.filter { !names.contains($0.key) }.map { "\($0.key): …" }.joined(separator: ", ")
        switch chosen.count {
        case 0: throw failure(fault, cure: "name one of them, with its settings below it")
        case 1: throw failure(fault, cure: "settings stand below the name: \(chosen[0].key): {\(others)}")
        default: throw failure(fault, cure: "keep one of them")
        }
      }
      throw Failure(
        .badConfiguration, at: added.place.description(of: path, in: origin.file), fault,
        cure: "replace it as a whole: --set '\(path)={\(added.key): {…}}'")
    } else {
      throw unexpected(names)
    }
    guard let read = cases[name] else {
      // `- dense 2`, where a colon was forgotten.
      let words = name.split(separator: " ", maxSplits: 1).map(String.init)
      guard words.count == 2, names.contains(words[0]) else { throw unexpected(names, found: name) }
      throw unexpected(
        "expected one of \(names.joined(separator: ", "))", cure: "did you mean \(words[0]): \(words[1])?")
    }
    let reader = ConfigReader(settings, path: "\(path).\(name)", origin: origin)
    resolved = .choice(name, reader)
    return try read(reader)
  }

  private var scalar: ConfigScalar? { if case .scalar(let scalar) = node.content { scalar } else { nil } }

  /// The scalar without its quotes, where it has some.
  private var unquoted: ConfigScalar? {
    scalar.flatMap { $0.isPlain ? nil : ConfigScalar(text: $0.text, isPlain: true) }
  }

  private func unexpected(_ expected: String, cure: String? = nil) -> Failure {
    failure("\(expected), found \(node.found)", cure: cure)
  }

  private func unexpected(_ names: [String], found name: String? = nil) -> Failure {
    let near = (name ?? node.name).flatMap { nearest(to: $0, among: names) }
    return failure(
      "expected one of \(names.joined(separator: ", ")), found \(name ?? node.found)",
      cure: near.map { "did you mean \($0)?" })
  }

  /// A failure at this value, for rules that tie several values together.
  public func failure(_ fault: String, cure: String? = nil) -> Failure {
    Failure(.badConfiguration, at: node.place.description(of: path, in: origin.file), fault, cure: cure)
  }
}

/// The kinds that a choice is among, in the order in which messages list them, and how the settings of each are read.
public struct ConfigCases<Value>: ExpressibleByDictionaryLiteral {
  /// One of them: its word, what it is, in one line, perhaps empty, and how its settings are read.
  package typealias Case = (name: String, summary: String, read: (ConfigReader) throws -> Value)

  let cases: [Case]

  package init(_ cases: [Case]) { self.cases = cases }

  /// Kinds that do not say what they are.
  public init(dictionaryLiteral pairs: (String, (ConfigReader) throws -> Value)...) {
    self.init(pairs.map { ($0, "", $1) })
  }

  package var names: [String] { cases.map(\.name) }

  /// The same kinds, as what `change` makes of them.
  package func map<New>(_ change: @escaping (Value) throws -> New) -> ConfigCases<New> {
    ConfigCases<New>(cases.map { name, summary, read in (name, summary, { try change(try read($0)) }) })
  }

  /// These kinds and, behind them, others.
  package static func + (first: Self, second: Self) -> Self { Self(first.cases + second.cases) }

  /// How the settings of a kind are read; nil where there is none of that name.
  subscript(name: String) -> ((ConfigReader) throws -> Value)? { cases.first { $0.name == name }?.read }
}

extension ConfigNode.Place {
  /// Whether it is an option of the command line, and no place in the file.
  var isOverride: Bool { if case .override = self { true } else { false } }

  /// `run.yaml:12: optimizer.adam.learning-rate`, or `--set optimizer.adam.learning-rate`.
  func description(of path: String, in file: String) -> String {
    let origin =
      switch self {
      case .line(let line): "\(file):\(line)"
      case .override(let key): "--set \(key)"
      case .nowhere: file
      }
    return path.isEmpty || self == .override(path) ? origin : "\(origin): \(path)"
  }
}
