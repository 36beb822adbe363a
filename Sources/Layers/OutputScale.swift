import Tensors

/// What a layer's outputs are as numbers: whether a loss that applies a softmax or a sigmoid itself can take them.
public enum OutputScale: Sendable {
  /// Anywhere on the line.
  case free
  /// Between 0 and 1: a loss that takes logits would squash them a second time.
  case probabilities
  /// Probabilities where the input is: moved, left out, selected, cut off at 0.
  case asInput
}

extension Network {
  /// The layer that makes the network's outputs probabilities; nil where they may be anything.
  public func outputProbabilities() throws -> (path: String, kind: String)? {
    let graph = try Graph(self)
    var makers: [(path: String, kind: String)?] = graph.tensors.map { _ in nil }
    for operation in graph.operations {
      let input = makers[operation.inputs[0]]
      switch operation.action {
      case .fork: for branch in operation.outputs { makers[branch] = input }
      // Some outputs are enough to make a loss wrong; a sum or a product with something free is free.
      case .join(.concatenate): makers[operation.outputs[0]] = operation.inputs.lazy.compactMap { makers[$0] }.first
      case .join: makers[operation.outputs[0]] = operation.inputs.allSatisfy { makers[$0] != nil } ? input : nil
      case .layer(let layer, _, _):
        switch layer.outputScale {
        case .free: break
        case .probabilities: makers[operation.outputs[0]] = (operation.path, type(of: layer).kind)
        case .asInput: makers[operation.outputs[0]] = input
        }
      }
    }
    return makers[graph.output]
  }
}
