import Tensors

/// What a layer does with the outputs of the one before it, when some of these are to go.
package enum UnitRole: Sendable {
  /// It makes units of its own, each of a row of its first slot, and reads those before it as columns of that: so many numbers of a
  /// row belong together for each.
  case makes(columns: Int)
  /// Each unit of its output is made of the same unit of its input alone, and what is zeros stays zeros where its slots have zeros.
  case keeps
  /// It lays the units of all positions side by side.
  case flattens
}

/// A layer that tells what it does with units: features or channels, its last axis. Behind others nothing is cut.
package protocol UnitLayer: Layer {
  /// Nil where it does none of these with such an input.
  func unitRole(for input: Shape) -> UnitRole?
}

/// The outputs of a layer which another layer alone reads: each can go without any other number being changed, once it is 0.
package struct OutputUnits: Sendable {
  /// `2.0`: the layer's.
  package let path: String
  package let count: Int
  /// Its weights, a row an output.
  package let weight: Int
  /// What else has a number or a row for each output: its bias, norms and depthwise convolutions behind it.
  package let others: [Int]
  /// The places of the layers that have these slots: all of them become narrower.
  package let paths: [String]
  package let reader: Reader

  /// The weights that read it: a row of them has, for each of `positions`, `columns` numbers an output.
  package struct Reader: Sendable {
    package let slot: Int
    package let positions: Int
    package let columns: Int
  }
}

extension Network {
  /// The layers whose outputs can go, in the order of the forward pass.
  package var outputUnits: [OutputUnits] {
    get throws {
      let graph = try Graph(self)
      let layout = graph.layout
      // Of a slot that two layers have no part goes.
      var users = [Int](repeating: 0, count: layout.slots.count)
      for operation in graph.operations { for slot in operation.slots { users[slot] += 1 } }
      return graph.operations.compactMap { operation in
        guard let (slots, role) = graph.unitRole(of: operation), case .makes = role else { return nil }
        var way = UnitWay(operation, slots: slots, count: layout.slots[slots[0]].shape[0])
        guard let reader = graph.follow(&way), (way.slots + [reader.slot]).allSatisfy({ users[$0] == 1 }),
          way.slots.allSatisfy({ !layout.slots[$0].isFrozen })
        else { return nil }
        return OutputUnits(
          path: operation.path, count: way.count, weight: slots[0], others: Array(way.slots.dropFirst()),
          paths: way.paths, reader: reader)
      }
    }
  }
}

/// What is gathered on the way to the reader.
private struct UnitWay {
  let count: Int
  var slots: [Int]
  var paths: [String]
  var tensor: Int

  init(_ operation: Graph.Operation, slots: [Int], count: Int) {
    (self.slots, self.count, paths, tensor) = (slots, count, [operation.path], operation.outputs[0])
  }
}

extension Graph {
  fileprivate func unitRole(of operation: Operation) -> (slots: [Int], role: UnitRole)? {
    guard case .layer(let layer, _, let slots) = operation.action, operation.inputs.count == 1,
      let role = (layer as? any UnitLayer)?.unitRole(for: tensors[operation.inputs[0]].shape)
    else { return nil }
    return (slots, role)
  }

  /// Walks to what reads the units; nil where something else comes first.
  fileprivate func follow(_ way: inout UnitWay) -> OutputUnits.Reader? {
    var positions = 1
    while let operation = operations.first(where: { $0.inputs.contains(way.tensor) }) {
      let input = tensors[way.tensor].shape
      guard let (slots, role) = unitRole(of: operation) else { return nil }
      switch role {
      case .makes(let columns): return OutputUnits.Reader(slot: slots[0], positions: positions, columns: columns)
      case .flattens: positions *= input.count / input.extents.last!
      case .keeps:
        // One number for all of them stays.
        let own = slots.filter { layout.slots[$0].shape.count > 1 || way.count == 1 }
        // Behind a flatten a unit is several numbers.
        guard own.isEmpty || positions == 1, own.allSatisfy({ layout.slots[$0].shape[0] == way.count }) else {
          return nil
        }
        way.slots += own
        if !own.isEmpty { way.paths.append(operation.path) }
      }
      way.tensor = operation.outputs[0]
    }
    return nil
  }
}
