/// A parsed piece of configuration that knows where it was written.
struct ConfigNode {
  /// Where a value comes from.
  enum Place: Equatable {
    /// A line of the file, from 1.
    case line(Int)
    /// The option `--set` with this key path.
    case override(String)
    /// Nowhere: an empty file, or a default.
    case nowhere
  }

  struct Pair {
    let key: String
    let place: Place
    var value: ConfigNode
    /// Whether it is a default from elsewhere: see `ConfigReader.inherit`.
    var isInherited = false
  }

  enum Content {
    case scalar(ConfigScalar)
    case list([ConfigNode])
    case mapping([Pair])
  }

  var content: Content
  var place: Place

  /// An empty mapping.
  static func empty(at place: Place) -> ConfigNode { ConfigNode(content: .mapping([]), place: place) }

  /// Whether it is null: written as nothing, `~` or `null`.
  var isNull: Bool { if case .scalar(let scalar) = content { scalar.isNull } else { false } }

  /// The text of a scalar that can be a name.
  var name: String? { if case .scalar(let scalar) = content, !scalar.isNull { scalar.text } else { nil } }

  /// The value of a key, if this is a mapping that has it.
  subscript(key: String) -> ConfigNode? {
    guard case .mapping(let pairs) = content else { return nil }
    return pairs.first { $0.key == key }?.value
  }

  /// What a message calls it.
  var found: String {
    switch content {
    case .scalar(let scalar): scalar.found
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}
