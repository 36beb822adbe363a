/// What a reader asks for: its keys, what is expected of each, and the defaults.
///
/// It is made by running the code that reads: `ConfigReader.describing()` answers each question by its default, or by an
/// example where there is none, and notes it. So nothing can be forgotten, and no second list has to be kept.
package struct ConfigDescription {
  package struct Key {
    /// Keys of a mapping below are behind a dot: `train.images`.
    package let name: String
    /// `a whole number from 1 to 8`
    package let expected: String
    /// The value of a key that is left out, as YAML; nil where it has none.
    package let fallback: String?
    /// Whether it must be there.
    package let isRequired: Bool
    /// Where the value is, or consists of, one of several kinds.
    package let choice: Choice?
    /// Where something else may stand in its place, one of several kinds: what they are called together, and which.
    package let alternative: (role: String, choice: Choice)?
  }

  /// A set of kinds, one of which is chosen.
  package struct Choice {
    package let kinds: [String]
    private let summaries: [String: String]
    private let describe: (String) throws -> ConfigReader

    func reader(of kind: String) throws -> ConfigReader { try describe(kind) }

    init<Value>(_ cases: ConfigCases<Value>) {
      kinds = cases.names
      summaries = Dictionary(cases.cases.map { ($0.name, $0.summary) }) { first, _ in first }
      describe = { name in
        let reader = ConfigReader.describing()
        _ = try cases[name]?(reader)
        return reader
      }
    }

    /// What a kind is, in one line; nil where it does not say.
    package func summary(of kind: String) -> String? { summaries[kind].flatMap { $0.isEmpty ? nil : $0 } }

    /// The keys of a kind.
    package func description(of kind: String) throws -> ConfigDescription { try describe(kind).description }

    /// The settings of a kind as YAML that its reader takes: defaults, and examples of what has none.
    package func example(of kind: String) throws -> String { try describe(kind).resolved }
  }

  package let keys: [Key]

  /// All sets of kinds that can be reached from here, each with the key that leads to it first.
  package func choices() throws -> [(role: String, choice: Choice)] {
    var found: [(role: String, choice: Choice)] = []
    var waiting = [self]
    while !waiting.isEmpty {
      for key in waiting.removeFirst().keys {
        // Of a key in a mapping below, the last part.
        let name = key.name.split(separator: ".").last.map(String.init) ?? key.name
        let own: (role: String, choice: Choice)? = key.choice.map { (role: name, choice: $0) }
        for (role, choice) in [own, key.alternative].compactMap({ $0 })
        where !found.contains(where: { $0.choice.kinds == choice.kinds }) {
          found.append((role, choice))
          waiting += try choice.kinds.map(choice.description)
        }
      }
    }
    return found
  }
}

/// What was asked of one value.
final class ConfigNotes {
  var expected = ""
  var shape = ConfigShape.text
  /// Whether null stands for a missing value.
  var isNullable = false
  var fallback: ConfigResolved?
  var isRequired = true
  /// Whether it is asked for with other settings only, so that an example goes without it.
  var isElsewhere = false
  var choice: ConfigDescription.Choice?
  var alternative: (role: String, choice: ConfigDescription.Choice)?

  /// Notes that it may be missing, or null.
  func mayBeMissing() { (isRequired, isNullable) = (false, true) }
}

extension ConfigReader {
  /// A reader that describes itself once somebody has read from it.
  package static func describing() -> ConfigReader {
    ConfigReader(
      .empty(at: .nowhere), path: "", origin: ConfigOrigin(file: "", directory: "", current: ""), isDescribing: true)
  }

  /// What was asked for so far.
  package var description: ConfigDescription { ConfigDescription(keys: keys(prefix: "")) }

  private func keys(prefix: String) -> [ConfigDescription.Key] {
    entries.flatMap { name, value -> [ConfigDescription.Key] in
      let notes = value.notes ?? ConfigNotes()
      let key = ConfigDescription.Key(
        name: prefix + name, expected: notes.expected, fallback: notes.fallback?.lines.joined(separator: " "),
        isRequired: notes.isRequired, choice: notes.choice, alternative: notes.alternative)
      guard case .reader(let below) = value.resolved else { return [key] }
      return (notes.isRequired ? [] : [key]) + below.keys(prefix: "\(prefix)\(name).")
    }
  }

  /// Adds words to what is said to be expected of a key: other forms that its reader knows, or when it must be there.
  ///
  /// - Parameter shape: the other form in structure. Words that end with "or a list of them" tell it themselves.
  package func note(_ key: String, _ words: String, isRequired: Bool? = nil, or shape: ConfigShape? = nil) {
    guard isDescribing, let notes = entries.first(where: { $0.key == key })?.value.notes else { return }
    notes.expected += words
    let list = words.hasSuffix("or a list of them") ? ConfigShape.list(of: notes.shape, count: Limits(least: 1)) : nil
    if let other = shape ?? list { notes.shape = .either([notes.shape, other]) }
    if let isRequired { notes.isRequired = isRequired }
  }

  /// Lists the keys that `ask` asks for, which are known with other settings only: `words` say with which.
  ///
  /// Where something is read, `ask` is not called.
  package func noteOthers(_ words: String, ask: () throws -> Void) throws {
    guard isDescribing else { return }
    let known = entries.count
    try ask()
    for entry in entries[known...] {
      guard let notes = entry.value.notes else { continue }
      notes.expected += words
      (notes.isRequired, notes.isElsewhere) = (false, true)
    }
  }
}

extension Interval<Int> {
  /// A number in it.
  var example: Int { Self.number([1, 2, 0, 8, 64, 1000], in: self) }
}

extension Interval<Double> {
  /// A number in it.
  var example: Double { Self.number([0.5, 1, 0, 2, 1e-3], in: self) }
}

extension Interval {
  fileprivate static func number(_ candidates: [Bound], in interval: Self) -> Bound {
    guard let number = candidates.first(where: interval.contains) else {
      preconditionFailure("no example is\(interval.phrase)")
    }
    return number
  }
}
