/// What a list is where its key is missing.
public enum MissingList: Sendable {
  /// A mistake.
  case refused
  /// A list without elements.
  case empty
}

// Without a default a key must be there. Null is a value of the optional ones alone.
extension ConfigReader {
  /// A text; required where there is no default.
  public func string(_ key: String, default value: String? = nil) throws -> String {
    try scalar(key, value, print: ConfigResolved.text) { try $0.string() }
  }

  /// The path of a file, absolute: see `ConfigValue.filePath`.
  public func filePath(_ key: String) throws -> String { try requiredValue(key).filePath() }

  /// `train.csv` or `[a.csv, b.csv]`: paths, absolute, at least one.
  public func filePaths(_ key: String) throws -> [String] {
    let value = try requiredValue(key)
    guard value.isList else {
      defer { note(key, ", or a list of them") }
      return [try value.filePath()]
    }
    return try value.list(count: 1...) { try $0.filePath() }
  }

  /// `a` or `[a, b]`: texts, at least one.
  public func texts(_ key: String) throws -> [String] {
    let value = try requiredValue(key)
    guard value.isList else {
      defer { note(key, ", or a list of them") }
      return [try value.string()]
    }
    return try value.list(count: 1...) { try $0.string() }
  }

  /// Refuses names at `key` one of which stands twice.
  package func requireDistinct(_ names: [String], at key: String) throws {
    guard let twice = names.first(where: { name in names.count { $0 == name } > 1 }) else { return }
    throw failure(at: key, "\(twice) is named twice", cure: "name it once")
  }

  /// As `filePath`; nil where the key is missing.
  public func optionalFilePath(_ key: String) throws -> String? { try optional(key) { try $0.filePath() } }

  /// A whole number within an interval; required where there is no default.
  public func int<I: Interval<Int>>(
    _ key: String, default value: Int? = nil, in interval: I = Unbounded<Int>()
  ) throws -> Int {
    try scalar(key, value, print: { .scalar("\($0)") }) { try $0.int(in: interval) }
  }

  /// A whole number within an interval, or `word`, which gives nil and is the default.
  public func int<I: Interval<Int>>(_ key: String, in interval: I, or word: String) throws -> Int? {
    try scalar(key, Int??.some(nil), print: { $0.map { .scalar("\($0)") } ?? .text(word) }) {
      try $0.int(in: interval, or: word)
    }
  }

  /// A number within an interval; required where there is no default.
  public func double<I: Interval<Double>>(
    _ key: String, default value: Double? = nil, in interval: I = Unbounded<Double>()
  ) throws -> Double {
    try scalar(key, value, print: { .scalar("\($0)") }) { try $0.double(in: interval) }
  }

  /// `true` or `false`; required where there is no default.
  public func bool(_ key: String, default value: Bool? = nil) throws -> Bool {
    try scalar(key, value, print: { .scalar("\($0)") }) { try $0.bool() }
  }

  /// One of an enumeration's words.
  public func option<Option: RawRepresentable<String> & CaseIterable>(
    _ key: String, of type: Option.Type = Option.self, default value: Option? = nil
  ) throws -> Option {
    try scalar(key, value, print: { .text($0.rawValue) }) { try $0.option() }
  }

  /// A text; nil where the key is missing.
  public func optionalString(_ key: String) throws -> String? { try optional(key) { try $0.string() } }

  /// The same of a setting that earlier versions did not know: where it is missing, or null, the resolved configuration leaves
  /// it out, so that those of their runs stay what they were.
  package func laterString(_ key: String) throws -> String? {
    let found = try optionalString(key)
    if found == nil, !isDescribing { leaveOut(key) }
    return found
  }

  /// What `read` reads of a setting that earlier versions did not know: where the key is missing, or null, the resolved configuration leaves
  /// it out, so that those of their runs stay what they were.
  package func later<Value>(_ key: String, _ read: (_ key: String) throws -> Value) throws -> Value {
    let found = try read(key)
    if !isDescribing, isMissing(key) { leaveOut(key) }
    return found
  }

  /// A whole number within an interval; nil where the key is missing.
  public func optionalInt<I: Interval<Int>>(_ key: String, in interval: I = Unbounded<Int>()) throws -> Int? {
    try optional(key) { try $0.int(in: interval) }
  }

  /// A number within an interval; nil where the key is missing.
  public func optionalDouble<I: Interval<Double>>(
    _ key: String, in interval: I = Unbounded<Double>()
  ) throws -> Double? {
    try optional(key) { try $0.double(in: interval) }
  }

  /// `true` or `false`; nil where the key is missing.
  public func optionalBool(_ key: String) throws -> Bool? { try optional(key) { try $0.bool() } }

  /// A list of texts; required where there is no default.
  public func strings(_ key: String, default value: [String]? = nil) throws -> [String] {
    try scalar(key, value, print: { .list($0.map(ConfigResolved.text)) }) { try $0.list { try $0.string() } }
  }

  /// A list of whole numbers, each within an interval; required where there is no default.
  public func ints<I: Interval<Int>>(
    _ key: String, default value: [Int]? = nil, in interval: I = Unbounded<Int>()
  ) throws -> [Int] {
    try scalar(key, value, print: { .list($0.map { .scalar("\($0)") }) }) { try $0.list { try $0.int(in: interval) } }
  }

  /// A list of numbers, each within an interval; required where there is no default.
  public func doubles<I: Interval<Double>>(
    _ key: String, default value: [Double]? = nil, in interval: I = Unbounded<Double>()
  ) throws -> [Double] {
    try scalar(key, value, print: { .list($0.map { .scalar("\($0)") }) }) {
      try $0.list { try $0.double(in: interval) }
    }
  }

  /// A mapping below this one; where it is missing or null, all its keys are.
  public func child(_ key: String) throws -> ConfigReader {
    if isDescribing {
      let value = described(key)
      value.notes?.isNullable = true
      return try value.mapping()
    }
    if let value = value(key), !value.isNull { return try value.mapping() }
    return try synthetic(key, .mapping([])).mapping()
  }

  /// A mapping below this one; nil where it is missing or null.
  public func optionalChild(_ key: String) throws -> ConfigReader? {
    guard isDescribing else { return try optional(key) { try $0.mapping() } }
    // Not nil, so that its keys are asked for.
    let value = described(key)
    value.notes?.mayBeMissing()
    return try value.mapping()
  }

  /// As `option`; nil where the key is missing.
  public func optionalOption<Option: RawRepresentable<String> & CaseIterable>(
    _ key: String, of type: Option.Type = Option.self
  ) throws -> Option? {
    try optional(key) { try $0.option() }
  }

  /// A list, each element read by `element`; `count` limits how many there may be.
  public func list<Element, I: Interval<Int>>(
    _ key: String, whenMissing missing: MissingList = .refused, count: I = Unbounded<Int>(),
    element: (ConfigValue) throws -> Element
  ) throws -> [Element] {
    if isDescribing, missing == .empty {
      return try describe(key, fallback: [], print: { _ in .list([]) }) { try $0.list(count: count, element: element) }
    }
    let value = try value(key) ?? (missing == .empty ? synthetic(key, .list([])) : requiredValue(key))
    return try value.list(count: count, element: element)
  }

  /// One of several kinds: see `ConfigValue.choice`. The default is the name of one, with its own defaults.
  public func choice<Value>(
    _ key: String, _ cases: ConfigCases<Value>, default name: String? = nil
  ) throws -> Value {
    if let value = value(key) { return try value.choice(cases) }
    guard let name else { return try requiredValue(key).choice(cases) }
    if isDescribing { return try described(key).describeChoice(cases, default: name) }
    return try synthetic(key, .scalar(ConfigScalar(text: name, isPlain: false))).choice(cases)
  }

  /// One of several kinds; nil where it is missing or null.
  public func optionalChoice<Value>(_ key: String, _ cases: ConfigCases<Value>) throws -> Value? {
    try optional(key) { try $0.choice(cases) }
  }

  /// A list of values, each one of several kinds.
  public func choices<Value, I: Interval<Int>>(
    _ key: String, _ cases: ConfigCases<Value>, whenMissing missing: MissingList = .refused,
    count: I = Unbounded<Int>()
  ) throws -> [Value] {
    try list(key, whenMissing: missing, count: count) { try $0.choice(cases) }
  }

  private func scalar<Value>(
    _ key: String, _ fallback: Value?, print: (Value) -> ConfigResolved, read: (ConfigValue) throws -> Value
  ) throws -> Value {
    if isDescribing { return try describe(key, fallback: fallback, print: print, read: read) }
    if let value = value(key) { return try read(value) }
    guard let fallback else { return try read(try requiredValue(key)) }
    recordDefault(key, print(fallback))
    return fallback
  }

  private func optional<Value>(_ key: String, read: (ConfigValue) throws -> Value) throws -> Value? {
    if isDescribing {
      let value = described(key)
      _ = try read(value)
      value.notes?.mayBeMissing()
      value.resolved = .null
      return nil
    }
    if let value = value(key), !value.isNull { return try read(value) }
    recordDefault(key, .null)
    return nil
  }

  /// Notes what is asked of a key, and returns its default, or an example where it has none.
  private func describe<Value>(
    _ key: String, fallback: Value?, print: (Value) -> ConfigResolved, read: (ConfigValue) throws -> Value
  ) throws -> Value {
    let value = described(key)
    let example = try read(value)
    guard let fallback else { return example }
    value.resolved = print(fallback)
    value.notes?.isRequired = false
    value.notes?.fallback = value.resolved
    return fallback
  }
}
