/// A setting as it came out, defaults included: what `ConfigReader.resolved` prints.
indirect enum ConfigResolved {
  /// YAML text of one line.
  case scalar(String)
  case list([ConfigResolved])
  /// The keys of a reader, as many as it was asked for by the time of printing.
  case reader(ConfigReader)
  /// One of several kinds, with its settings.
  case choice(String, ConfigReader)

  static var null: ConfigResolved { .scalar("null") }

  static func text(_ text: String) -> ConfigResolved { .scalar(ConfigScalar.yaml(text)) }

  /// The pairs of a mapping; nil where it is none.
  private var pairs: [(key: String, value: ConfigResolved)]? {
    switch self {
    case .scalar, .list: nil
    case .reader(let reader):
      reader.noted.filter { $0.value.notes?.isElsewhere != true }.map { ($0.key, $0.value.resolved) }
    case .choice(let name, let reader): reader.noted.isEmpty ? nil : [(name, .reader(reader))]
    }
  }

  /// What fits behind a key on its line; nil where it takes lines of its own.
  private var inline: String? {
    switch self {
    case .scalar(let text): return text
    case .choice(let name, let reader): return reader.noted.isEmpty ? ConfigScalar.yaml(name) : nil
    case .reader(let reader): return reader.noted.isEmpty ? "{}" : nil
    case .list(let elements):
      // Only lists of plain values are kept on one line: a list of layers reads better as a column.
      let texts = elements.compactMap { if case .scalar(let text) = $0 { text } else { nil } }
      return texts.count == elements.count ? "[\(texts.joined(separator: ", "))]" : nil
    }
  }

  /// Lines in block style, indented by two spaces a level.
  var lines: [String] {
    if let inline { return [inline] }
    if case .list(let elements) = self {
      return elements.flatMap { element in
        element.lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
      }
    }
    return pairs!.flatMap { pair in
      let key = ConfigScalar.yaml(pair.key)
      return pair.value.inline.map { ["\(key): \($0)"] } ?? ["\(key):"] + pair.value.lines.map { "  \($0)" }
    }
  }

  /// What stands on the lines, each value with the path that `--set` knows it by.
  func settings(at path: String) -> [ConfigSetting] {
    func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    if let inline { return [ConfigSetting(path: path, text: inline)] }
    if case .list(let elements) = self {
      return elements.enumerated().flatMap { $0.element.settings(at: below("\($0.offset)")) }
    }
    return pairs!.flatMap { $0.value.settings(at: below($0.key)) }
  }
}

/// One value of a configuration.
public struct ConfigSetting: Equatable, Sendable {
  /// `optimizer.adam.learning-rate`
  public let path: String
  /// As YAML of one line.
  public let text: String

  init(path: String, text: String) { (self.path, self.text) = (path, text) }

  /// `text` as it is, quoted where YAML would read it otherwise.
  package init(path: String, quoting text: String) { self.init(path: path, text: ConfigScalar.yaml(text)) }
}
