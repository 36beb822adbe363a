import Diagnostics

extension ConfigReader {
  /// Settings that things of each kind have where they do not say otherwise: a mapping from kinds to settings; empty where
  /// it is missing or null.
  ///
  /// ```yaml
  /// defaults: {number: {scale: robust}, category: {min-frequency: 5}}
  /// ```
  /// Each must be as its kind wants it by itself. What becomes of them is `inherit`'s work.
  package func defaults<Value>(_ key: String, of cases: ConfigCases<Value>) throws -> [String: ConfigReader] {
    if isDescribing {
      try describeDefaults(described(key), cases)
      return [:]
    }
    guard let value = value(key), !value.isNull else {
      recordDefault(key, .null)
      return [:]
    }
    let reader = try value.mapping()
    var found: [String: ConfigReader] = [:]
    for name in reader.names {
      guard let read = cases[name], let own = reader.value(name) else {
        throw reader.failure(
          at: name, "expected one of \(cases.names.joined(separator: ", ")), found \(name)",
          cure: nearest(to: name, among: cases.names).map { "did you mean \($0)?" })
      }
      let settings = try own.mapping()
      _ = try read(settings)
      found[name] = settings
    }
    return found
  }

  /// Notes the settings of each kind.
  private func describeDefaults<Value>(_ value: ConfigValue, _ cases: ConfigCases<Value>) throws {
    guard let notes = value.notes else { return }
    let choice = ConfigDescription.Choice(cases)
    notes.expected = "a mapping from kinds (\(cases.names.joined(separator: ", "))) to settings of theirs"
    notes.shape = .mapping(
      try cases.names.map { name in
        let keys = try choice.shape(of: name).map(\.optional)
        return ConfigShape.Key(name: name, shape: .mapping(keys), expected: "", fallback: nil, isRequired: false)
      })
    notes.mayBeMissing()
    value.resolved = .null
  }

  /// Has the settings of `defaults` where it has none of its own. Those of them that nobody asks for are no mistake here.
  ///
  /// A value in the place of the settings becomes that of `first`. To be called before anything is read.
  package func inherit(_ defaults: ConfigReader, first: String) {
    precondition(entries.isEmpty, "\(path): settings are inherited before they are read")
    guard case .mapping(let others) = defaults.node.content else { return }
    let own: [ConfigNode.Pair] =
      switch node.content {
      case .mapping(let pairs): pairs
      case .scalar where node.isNull: []
      case .scalar, .list: [ConfigNode.Pair(key: first, place: node.place, value: node)]
      }
    let inherited = others.filter { other in !own.contains { $0.key == other.key } }.map {
      ConfigNode.Pair(key: $0.key, place: $0.place, value: $0.value, isInherited: true)
    }
    node = ConfigNode(content: .mapping(own + inherited), place: node.place)
  }
}

extension ConfigShape.Key {
  /// The same, but that it may be left out.
  fileprivate var optional: ConfigShape.Key {
    ConfigShape.Key(name: name, shape: shape, expected: expected, fallback: fallback, isRequired: false)
  }
}
