import Diagnostics

/// A strict reader of one mapping of a configuration: what is asked for is known, all else is a mistake.
///
/// ```swift
/// let reader = try ConfigReader(yaml: text, file: "run.yaml", overrides: ["optimizer.adam.learning-rate=0.01"])
/// let batch = try reader.int("batch", default: 128, in: 1...)
/// let adam = try reader.child("optimizer").child("adam")
/// let rate = try adam.double("learning-rate", default: 1e-3, in: .above(0))
/// try reader.finish()       // keys that nobody asked for
/// print(reader.resolved)    // every key with its value, defaults filled in
/// ```
///
/// A message names file, line and key path: `run.yaml:12: batch: expected a whole number of at least 1, found 0`.
public final class ConfigReader {
  /// The key path of this mapping; empty for the root.
  public let path: String
  var node: ConfigNode
  let origin: ConfigOrigin
  /// Whether there is nothing to read, and what is asked for is noted: see `ConfigDescription`.
  package let isDescribing: Bool
  /// Whether its settings want their names.
  private(set) var wantsNames = false
  /// What was asked for, in that order.
  private(set) var entries: [(key: String, value: ConfigValue)] = []

  init(_ node: ConfigNode, path: String, origin: ConfigOrigin, isDescribing: Bool = false) {
    self.node = node
    self.path = path
    self.origin = origin
    self.isDescribing = isDescribing
  }

  /// Reads YAML text; `file` is what messages call it.
  /// - Parameters:
  ///   - overrides: `key.path=value`, applied in their order.
  ///   - directory: what relative paths in the text start from.
  ///   - current: what relative paths in `overrides` start from.
  public convenience init(
    yaml: String, file: String, overrides: [String] = [], directory: String = ".", current: String = "."
  ) throws {
    guard var root = try ConfigText(yaml, file: file).compose(), !root.isNull else {
      throw Failure(.badConfiguration, at: file, "the configuration is empty", cure: "write at least one key: value")
    }
    guard case .mapping = root.content else {
      throw Failure(
        .badConfiguration, at: root.place.description(of: "", in: file),
        "expected a mapping (key: value), found \(root.found)")
    }
    for override in overrides { root = try ConfigOverride(override).applied(to: root, file: file) }
    self.init(root, path: "", origin: ConfigOrigin(file: file, directory: directory, current: current))
  }

  /// Whether the mapping has a key; it does not become known by this.
  public func contains(_ key: String) -> Bool { node[key] != nil }

  /// Whether the mapping has no key, or null for it.
  func isMissing(_ key: String) -> Bool { node[key]?.isNull ?? true }

  /// How a kind at a key is named, or what scalar stands there; nil for anything else. The key is not read by it.
  package func word(at key: String) -> String? {
    guard let own = node[key], !own.isNull else { return nil }
    return ConfigValue(own, path: path(of: key), origin: origin).word
  }

  /// The value of a key, which becomes known; nil where it is missing.
  public func value(_ key: String) -> ConfigValue? {
    var found = node[key]
    // What stands in the place of a choice's settings is the value of the first key.
    if entries.isEmpty, !isMapping, !node.isNull { found = node }
    return found.map { record(key, ConfigValue($0, path: path(of: key), origin: origin)) }
  }

  /// The value of a key; missing, it is a mistake.
  public func requiredValue(_ key: String) throws -> ConfigValue {
    if isDescribing { return described(key) }
    if let value = value(key) { return value }
    let slip = nearest(to: key, among: unasked.map(\.key))
    let place = path.isEmpty ? ConfigNode.Place.nowhere : node.place
    throw Failure(
      .badConfiguration, at: place.description(of: path(of: key), in: origin.file), "required, but missing",
      cure: slip.map { "did you misspell it as \($0)?" })
  }

  /// A value that notes what is asked of it.
  func described(_ key: String) -> ConfigValue {
    record(key, ConfigValue(.empty(at: .nowhere), path: path(of: key), origin: origin, notes: ConfigNotes()))
  }

  /// Refuses a value in the place of the settings, where it would not tell which of several `keys` it is meant for.
  public func requireNames(of keys: String...) throws {
    wantsNames = true
    guard !isMapping, !node.isNull else { return }
    let forms = keys.map { "{\($0): \(node.name ?? "…")}" }.joined(separator: " or ")
    throw Failure(
      .badConfiguration, at: node.place.description(of: path, in: origin.file),
      "expected the name of a setting, found \(node.found)", cure: "write \(forms)")
  }

  /// Records the default of a key that is missing.
  func recordDefault(_ key: String, _ resolved: ConfigResolved) {
    record(key, ConfigValue(.empty(at: .nowhere), path: path(of: key), origin: origin, resolved: resolved))
  }

  /// Has the resolved configuration go without a key that was asked for.
  func leaveOut(_ key: String) { entries.first { $0.key == key }?.value.isLeftOut = true }

  /// What the resolved configuration has, unless it is asked for with other settings only.
  var noted: [(key: String, value: ConfigValue)] { entries.filter { !$0.value.isLeftOut } }

  /// Reads a value that was not written: the default of a choice, an absent mapping.
  func synthetic(_ key: String, _ content: ConfigNode.Content) -> ConfigValue {
    record(key, ConfigValue(ConfigNode(content: content, place: node.place), path: path(of: key), origin: origin))
  }

  @discardableResult
  private func record(_ key: String, _ value: ConfigValue) -> ConfigValue {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].value = value
    } else {
      entries.append((key, value))
    }
    return value
  }

  /// Refuses keys that were never asked for, in this mapping and in all that were read below it.
  public func finish() throws {
    let failures = unknown.sorted { $0.line < $1.line }
    if let first = failures.first { throw first.failure }
  }

  /// The configuration as YAML: every key that was asked for, in that order, with the value it came to.
  ///
  /// The same settings give the same text, which read again gives the same settings and text.
  public var resolved: String { ConfigResolved.reader(self).lines.joined(separator: "\n") + "\n" }

  /// The same, value by value.
  public var settings: [ConfigSetting] { ConfigResolved.reader(self).settings(at: "") }

  /// A failure at `key`, or at the mapping where it is missing, for rules that tie several values together.
  public func failure(at key: String, _ fault: String, cure: String? = nil) -> Failure {
    Failure(.badConfiguration, at: place(of: key), fault, cure: cure)
  }

  /// Where messages say that a key stands, or the mapping where it is missing: for what is found wrong when data are known.
  package func place(of key: String) -> String {
    let place = node[key]?.place ?? (path.isEmpty ? .nowhere : node.place)
    return place.description(of: path(of: key), in: origin.file)
  }

  /// The same of the mapping itself.
  package var place: String { node.place.description(of: path, in: origin.file) }

  private func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private var isMapping: Bool { if case .mapping = node.content { true } else { false } }

  private var unasked: [ConfigNode.Pair] {
    guard case .mapping(let pairs) = node.content else { return [] }
    return pairs.filter { pair in !pair.isInherited && !entries.contains { $0.key == pair.key } }
  }

  /// The path, below this mapping, of the only setting whose own name is near to `key`.
  private func deeper(_ key: String) -> String? {
    let paths = Dictionary(grouping: ConfigResolved.reader(self).settings(at: path).map(\.path)) {
      String($0.split(separator: ".").last ?? "")
    }
    guard let name = nearest(to: key, among: paths.keys), let found = paths[name], found.count == 1 else { return nil }
    return found[0]
  }

  /// Every key that nobody asked for, with the line that orders it.
  private var unknown: [(line: Int, failure: Failure)] {
    var result: [(line: Int, failure: Failure)] = []
    func add(_ place: ConfigNode.Place, _ path: String, _ fault: String, cure: String?) {
      let line = if case .line(let line) = place { line } else { Int.max }
      let failure = Failure(.badConfiguration, at: place.description(of: path, in: origin.file), fault, cure: cure)
      result.append((line, failure))
    }
    if entries.isEmpty, !isMapping, !node.isNull {
      add(node.place, path, "takes no settings, found \(node.found)", cure: "write the name alone")
    }
    let known = entries.map(\.key)
    for pair in unasked {
      let cure =
        (nearest(to: pair.key, among: known) ?? deeper(pair.key)).map { "did you mean \($0)?" }
        ?? (known.isEmpty ? "there are no keys here" : "the keys here are \(known.joined(separator: ", "))")
      add(pair.place, path(of: pair.key), "unknown key", cure: cure)
    }
    return entries.reduce(result) { $0 + $1.value.resolved.readers.flatMap(\.unknown) }
  }
}

extension ConfigResolved {
  /// The readers directly below.
  fileprivate var readers: [ConfigReader] {
    switch self {
    case .scalar: []
    case .list(let elements): elements.flatMap(\.readers)
    case .reader(let reader), .choice(_, let reader): [reader]
    }
  }
}
