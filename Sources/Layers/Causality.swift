import Tensors

// A position is a place along the first axis of a sample: a token, a row of a picture.

extension Network {
  /// The first layer by which a position of the output sees tokens behind its own; nil where none does.
  ///
  /// Follows for each position of each tensor the last position of the input that it depends on, in evaluation.
  public func firstLookingAhead() throws -> (path: String, kind: String)? {
    let graph = try Graph(self)
    var lasts: [[Int]] = graph.tensors.map { _ in [] }
    lasts[0] = Array(0..<(input.extents.first ?? 1))
    var first: (path: String, kind: String)?
    for operation in graph.operations {
      let (inputs, output) = (operation.inputs, operation.outputs[0])
      switch operation.action {
      case .fork: for branch in operation.outputs { lasts[branch] = lasts[inputs[0]] }
      case .join(.concatenate) where graph.tensors[output].shape.rank == 1:
        lasts[output] = inputs.flatMap { lasts[$0] }
      case .join where graph.isGate(operation):
        // A gate is one for all positions.
        let isGated = inputs.map { graph.tensors[$0].shape == graph.tensors[output].shape }
        let (gated, gate) = isGated[0] ? (inputs[0], inputs[1]) : (inputs[1], inputs[0])
        let last = lasts[gate].max() ?? 0
        lasts[output] = lasts[gated].map { max($0, last) }
      case .join:
        lasts[output] = lasts[inputs[0]].indices.map { position in inputs.map { lasts[$0][position] }.max()! }
      case .layer(let layer, _, _):
        let shape = graph.tensors[inputs[0]].shape
        // The last of all up to a position, since a layer may read any of them.
        var (reached, upTo) = (0, [Int]())
        for last in lasts[inputs[0]] {
          reached = max(reached, last)
          upTo.append(reached)
        }
        lasts[output] = (0..<(graph.tensors[output].shape.extents.first ?? 1)).map {
          upTo[min(upTo.count - 1, layer.lastRead(at: $0, of: shape))]
        }
        // All of a memory is seen.
        if let last = inputs.dropFirst().compactMap({ lasts[$0].max() }).max() {
          lasts[output] = lasts[output].map { max($0, last) }
        }
        if first == nil, lasts[output].enumerated().contains(where: { $1 > $0 }) {
          first = (operation.path, type(of: layer).kind)
        }
      }
    }
    return lasts[graph.output].enumerated().contains { $1 > $0 } ? first : nil
  }
}

extension Shape {
  /// The last position of this shape that holds an element of position `position` of `other`, which has as many elements.
  func lastPosition(holding position: Int, of other: Shape) -> Int {
    let (own, others) = (count / max(1, extents.first ?? 1), count / max(1, other.extents.first ?? 1))
    return ((position + 1) * others - 1) / own
  }

  /// What a layer reads for a position that computes along the last axis alone: of one row, that is everything.
  func lastReadAlongLastAxis(at position: Int) -> Int { rank > 1 ? position : count - 1 }
}
