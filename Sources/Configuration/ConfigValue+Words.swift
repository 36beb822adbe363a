import Diagnostics

/// What is written, before it is read as anything.
extension ConfigValue {
  /// How a kind is named: the word that it is, or the only key of a mapping; nil for anything else.
  package var word: String? {
    if case .mapping(let pairs) = node.content { return pairs.count == 1 ? pairs[0].key : nil }
    return node.name
  }

  /// The word at a key of a mapping; nil where there is none.
  package func word(at key: String) -> String? { node[key]?.name }
}

extension ConfigReader {
  /// One of several kinds, which descriptions list as those of `role`, or in its place a list, as `list` reads it.
  package func choice<Value>(
    _ key: String, _ cases: ConfigCases<Value>, of role: String, orList list: () throws -> Value
  ) throws -> Value {
    if isDescribing {
      let value = try list()
      note(key, ", or a kind of \(role)")
      if let notes = entries.first(where: { $0.key == key })?.value.notes {
        let choice = ConfigDescription.Choice(cases)
        (notes.alternative, notes.shape) = ((role, choice), .either([notes.shape, .choice(choice)]))
      }
      return value
    }
    guard let value = value(key), !value.isList, !value.isNull else { return try list() }
    return try value.choice(cases)
  }
}
