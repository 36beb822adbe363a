import Diagnostics

/// A value from the command line that replaces or adds one of the file: `optimizer.adam.learning-rate=0.01`.
///
/// Components that are numbers choose elements of a list, from 0. Missing mappings are created, missing elements
/// never are.
struct ConfigOverride {
  private let path: String
  private let components: [String]
  private let value: ConfigNode

  /// Parses `key.path=value`; the value is YAML.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    path = parts[0]
    components = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !components.contains("") else {
      throw Failure(
        .usage, at: "--set \(text)", "expected key.path=value",
        cure: "for example --set optimizer.adam.learning-rate=0.01")
    }
    guard components.count <= ConfigText.maximumDepth else {
      throw Failure(
        .badConfiguration, at: "--set \(path.prefix(60))…", "nested more than \(ConfigText.maximumDepth) levels deep")
    }
    let place = ConfigNode.Place.override(path)
    let null = ConfigNode(content: .scalar(ConfigScalar(text: "", isPlain: true)), place: place)
    value = try ConfigText(parts[1], file: "", override: place).compose() ?? null
  }

  /// The tree with this override's value in it.
  func applied(to root: ConfigNode, file: String) throws -> ConfigNode {
    try place(in: root, components[...], file: file)
  }

  private func place(in node: ConfigNode, _ rest: ArraySlice<String>, file: String) throws -> ConfigNode {
    guard let key = rest.first else { return value }
    var node = node
    switch node.content {
    case .list(var elements):
      guard let index = Int(key), elements.indices.contains(index) else {
        let has = elements.isEmpty ? "no elements" : "elements 0 to \(elements.count - 1)"
        throw failure("\(name(upTo: rest)) is a list with \(has), found \(key)")
      }
      elements[index] = try place(in: elements[index], rest.dropFirst(), file: file)
      node.content = .list(elements)
    case .mapping(var pairs):
      if let index = pairs.firstIndex(where: { $0.key == key }) {
        pairs[index].value = try place(in: pairs[index].value, rest.dropFirst(), file: file)
      } else {
        pairs.append(try pair(key, rest, file: file))
      }
      node.content = .mapping(pairs)
    case .scalar(let scalar):
      // `optimizer: adam` is short for `optimizer: {adam: {}}`, which has room for a setting of adam's.
      guard scalar.isNull || scalar.text == key else {
        let line = if case .line(let line) = node.place { " at \(file):\(line)" } else { "" }
        throw failure("\(name(upTo: rest)) is \(scalar.found)\(line) and has no keys", cure: "replace it as a whole")
      }
      node.content = .mapping([try pair(key, rest, file: file)])
    }
    return node
  }

  private func pair(_ key: String, _ rest: ArraySlice<String>, file: String) throws -> ConfigNode.Pair {
    let origin = ConfigNode.Place.override(path)
    return ConfigNode.Pair(
      key: key, place: origin, value: try place(in: .empty(at: origin), rest.dropFirst(), file: file))
  }

  /// The path of the node that `rest` is to be looked up in.
  private func name(upTo rest: ArraySlice<String>) -> String {
    components[..<rest.startIndex].joined(separator: ".")
  }

  private func failure(_ fault: String, cure: String? = nil) -> Failure {
    Failure(.badConfiguration, at: "--set \(path)", fault, cure: cure)
  }
}
