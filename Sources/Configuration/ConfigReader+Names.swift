extension ConfigReader {
  /// A mapping whose keys are names of somebody's own, such as those of columns: each with its value, in their order.
  ///
  /// ```yaml
  /// ranges: {Age: [0, 120], Income: [0, null]}
  /// ```
  /// Empty where the key is missing or null. `what` says in the plural what has the names: `columns`.
  public func named<Value>(
    _ key: String, by what: String, value read: (ConfigValue) throws -> Value
  ) throws -> [(name: String, value: Value)] {
    if isDescribing {
      let value = described(key)
      let each = ConfigValue(value.node, path: "\(value.path).name", origin: origin, notes: ConfigNotes())
      _ = try read(each)
      if let notes = value.notes, let own = each.notes {
        notes.expected = "a mapping from names of \(what) to \(own.expected)"
        notes.shape = .named(own.shape)
        notes.mayBeMissing()
      }
      value.resolved = .scalar("{}")
      return []
    }
    guard let value = value(key), !value.isNull else {
      recordDefault(key, .scalar("{}"))
      return []
    }
    let reader = try value.mapping()
    return try reader.names.compactMap { name in try reader.value(name).map { (name, try read($0)) } }
  }

  /// The keys that are written in it, in their order.
  var names: [String] { if case .mapping(let pairs) = node.content { pairs.map(\.key) } else { [] } }
}

extension ConfigValue {
  /// A finite number, or nil where it is null.
  public func optionalDouble() throws -> Double? {
    if let notes {
      let example = try double()
      notes.shape = .optional(notes.shape)
      notes.expected += " or null"
      return example
    }
    return isNull ? nil : try double()
  }

  /// A text, or nil where it is null.
  public func optionalString() throws -> String? {
    if let notes {
      let example = try string()
      notes.shape = .optional(notes.shape)
      notes.expected += " or null"
      return example
    }
    return isNull ? nil : try string()
  }
}
