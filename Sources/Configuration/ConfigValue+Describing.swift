/// What a value answers where nothing is read: examples.
extension ConfigValue {
  /// Notes what is expected, and hands the example on.
  func describe<Value>(
    _ expected: String, _ shape: ConfigShape, example: Value, _ resolved: ConfigResolved
  ) -> Value {
    notes?.shape = shape
    notes?.expected = expected.hasPrefix("expected ") ? String(expected.dropFirst(9)) : expected
    self.resolved = resolved
    return example
  }

  /// A list of as few examples as it may have, one at least.
  func describeList<Element, I: Interval<Int>>(
    _ notes: ConfigNotes, _ count: I, _ element: (ConfigValue) throws -> Element
  ) throws -> [Element] {
    let values = (0..<max(1, count.example)).map {
      ConfigValue(node, path: "\(path).\($0)", origin: origin, notes: ConfigNotes())
    }
    let elements = try values.map(element)
    let each = values[0].notes
    notes.expected = "a list\(count.phrase.isEmpty ? "" : ",\(count.phrase)"): \(each?.expected ?? "")"
    notes.choice = each?.choice
    notes.shape = .list(of: each?.shape ?? .text, count: count.limits)
    resolved = .list(values.map(\.resolved))
    return elements
  }

  /// The example of the kind that is the default.
  func describeChoice<Value>(_ cases: ConfigCases<Value>, default name: String) throws -> Value {
    guard let notes else { preconditionFailure("\(path): is read, not described") }
    (notes.isRequired, notes.fallback) = (false, .text(name))
    return try describeChoice(notes, cases, name)
  }

  func describeChoice<Value>(_ notes: ConfigNotes, _ cases: ConfigCases<Value>, _ name: String) throws -> Value {
    guard let read = cases[name] else {
      preconditionFailure("\(path): the default, \(name), is none of \(cases.names)")
    }
    notes.expected = "one of \(cases.names.joined(separator: ", "))"
    let choice = ConfigDescription.Choice(cases)
    (notes.choice, notes.shape) = (choice, .choice(choice))
    let reader = ConfigReader(node, path: "\(path).\(name)", origin: origin, isDescribing: true)
    resolved = .choice(name, reader)
    return try read(reader)
  }
}
