import Diagnostics
import Tensors

extension Network {
  /// The same network, whose outputs at `places` are compared with a teacher's in training: in this order the features of a `FeaturePass`.
  ///
  /// Places are those of layers and blocks, `2` or in a `sequential` `2.0`. Throws bad configuration (78) where one has none.
  package func comparing(at places: [String], key: String) throws -> Network {
    try require(places, key)
    var network = Network(input: input, layers: Self.comparing(layers, at: places, below: ""))
    (network.freezing, network.adapter) = (freezing, adapter)
    return network
  }

  /// The front of the network, whose output is that at `place`; with other slots, all of which the network has.
  package func ending(at place: String, key: String) throws -> Network {
    try require([place], key)
    return Network(input: input, layers: Self.front(layers, until: place, below: "")!)
  }

  /// Places whose outputs have names: of layers and blocks, and of what is in a `sequential`.
  private var places: [String] { Self.places(layers, below: "") }

  private func require(_ names: [String], _ key: String) throws {
    let known = places
    for name in names where !known.contains(name) {
      throw Failure(
        .badConfiguration, at: key, "expected the place of a layer, found '\(name)'",
        cure: nearest(to: name, among: known).map { "the nearest is \($0)" } ?? "the places are \(known)")
    }
  }

  private static func named(_ layers: [any Layer], below path: String) -> [(path: String, layer: any Layer)] {
    var index = 0
    return layers.map { layer in
      defer { if layer.ownName == nil { index += 1 } }
      return (path + (layer.ownName ?? "\(index)"), layer)
    }
  }

  private static func places(_ layers: [any Layer], below path: String) -> [String] {
    named(layers, below: path).flatMap { path, layer in
      [path] + ((layer as? Sequential).map { places($0.layers, below: "\(path).") } ?? [])
    }
  }

  private static func comparing(_ layers: [any Layer], at places: [String], below path: String) -> [any Layer] {
    named(layers, below: path).flatMap { path, layer -> [any Layer] in
      let own: any Layer =
        (layer as? Sequential).map { Sequential(layers: comparing($0.layers, at: places, below: "\(path).")) } ?? layer
      return [own] + places.indices.filter { places[$0] == path }.map { FeatureTap(number: $0) }
    }
  }

  /// Nil where the place is not among these.
  private static func front(_ layers: [any Layer], until place: String, below path: String) -> [any Layer]? {
    var front: [any Layer] = []
    for (path, layer) in named(layers, below: path) {
      if path == place { return front + [layer] }
      if let block = layer as? Sequential, let part = Self.front(block.layers, until: place, below: "\(path).") {
        return front + [Sequential(layers: part)]
      }
      front.append(layer)
    }
    return nil
  }
}
