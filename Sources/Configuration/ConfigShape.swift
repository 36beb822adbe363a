/// What a value may be, in structure: for programs what the words of a `ConfigDescription` are for people.
package indirect enum ConfigShape {
  /// Any scalar.
  case text
  /// The path of a file: text that is not empty.
  case path
  /// `true` or `false`.
  case truth
  /// One of these words.
  case words([String])
  case whole(Limits<Int>)
  case number(Limits<Double>)
  case list(of: ConfigShape, count: Limits<Int>)
  case mapping([Key])
  /// A mapping from any names to values of one form.
  case named(ConfigShape)
  case choice(ConfigDescription.Choice)
  /// Null, or the other.
  case optional(ConfigShape)
  case either([ConfigShape])

  /// A key of a mapping.
  package struct Key {
    package let name: String
    package let shape: ConfigShape
    /// In words: `a whole number from 1 to 8`
    package let expected: String
    /// The value of a key that is left out, as YAML; nil where it has none.
    package let fallback: String?
    package let isRequired: Bool
  }
}

extension ConfigReader {
  /// The keys that were asked for so far, in that order.
  package var shape: [ConfigShape.Key] {
    entries.map { name, value in
      let notes = value.notes ?? ConfigNotes()
      var (shape, isRequired) = (notes.shape, notes.isRequired)
      if case .reader(let below) = value.resolved {
        let keys = below.shape
        shape = .mapping(keys)
        // Where all that is below has a default, so has the whole.
        isRequired = isRequired && keys.contains(where: \.isRequired)
      }
      if notes.isNullable, !isRequired { shape = .optional(shape) }
      return ConfigShape.Key(
        name: name, shape: shape, expected: notes.expected, fallback: notes.fallback?.lines.joined(separator: " "),
        isRequired: isRequired)
    }
  }
}

extension ConfigDescription.Choice {
  /// The keys of a kind.
  package func shape(of kind: String) throws -> [ConfigShape.Key] { try reader(of: kind).shape }

  /// Whether the first key of a kind must be named, even where no other is required: see `ConfigReader.requireNames`.
  package func wantsNames(_ kind: String) throws -> Bool { try reader(of: kind).wantsNames }

  /// What may stand in the place of a kind's settings, for the first of its keys; nil where nothing may.
  package func bareValue(of kind: String) throws -> ConfigShape? {
    let reader = try reader(of: kind)
    let keys = reader.shape
    guard !reader.wantsNames, !keys.dropFirst().contains(where: \.isRequired) else { return nil }
    return try keys.first?.shape.withoutMappings
  }

  /// Whether the name of a kind says enough.
  package func mayStandAlone(_ kind: String) throws -> Bool { try !shape(of: kind).contains(where: \.isRequired) }
}

extension ConfigShape {
  /// The same, but for its forms that are mappings; nil where it has no other.
  fileprivate var withoutMappings: ConfigShape? {
    get throws {
      switch self {
      case .mapping, .named: nil
      case .choice(let choice): .words(try choice.kinds.filter(choice.mayStandAlone))
      case .optional(let shape): try shape.withoutMappings.map(ConfigShape.optional)
      case .either(let shapes): .either(try shapes.compactMap { try $0.withoutMappings })
      case .text, .path, .truth, .words, .whole, .number, .list: self
      }
    }
  }
}
