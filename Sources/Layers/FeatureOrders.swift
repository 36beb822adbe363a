import Tensors

/// What an axis of a slot runs along.
public enum SlotAxis: Sendable {
  /// The features of the layer's input.
  case input
  /// Those of its output.
  case output
  /// Neither.
  case inner
}

/// The orders of the features of a graph's tensors, as far as they are rows: a picture's channels and what tokens
/// carry lie as in PyTorch.
///
/// Tensors whose features are the same, since layers keep them or a sum joins them, are one class; a flattened picture
/// gives its class an order, and with it the rows of the dense layers that write into it.
package struct FeatureOrders {
  private var parents: [Int]
  private var orders: [FeatureOrder?]
  /// The operation at which one class would need two orders.
  private(set) var conflict: Graph.Operation?

  package init(_ graph: Graph) {
    parents = Array(graph.tensors.indices)
    orders = graph.tensors.map { _ in nil }
    func isRow(_ tensor: Int) -> Bool { graph.tensors[tensor].shape.rank == 1 }
    func shape(_ tensor: Int) -> Shape { graph.tensors[tensor].shape }
    func plain(_ tensor: Int) -> FeatureOrder { .plain(shape(tensor).count) }
    if isRow(0) { orders[0] = plain(0) }
    for operation in graph.operations {
      let (input, output) = (operation.inputs[0], operation.outputs[0])
      switch operation.action {
      case .fork:
        for branch in operation.outputs where isRow(input) { unite(input, branch, operation) }
      case .join(.concatenate): break
      case .join where graph.isGate(operation):
        // Channels lie as in PyTorch.
        for branch in operation.inputs where isRow(branch) { fix(branch, plain(branch), operation) }
      case .join:
        for branch in operation.inputs where isRow(output) { unite(branch, output, operation) }
      case .layer(let layer, _, _):
        switch layer.featureFlow {
        case .made: break
        case .kept where isRow(input) && isRow(output), .reshaped where isRow(input) && isRow(output):
          unite(input, output, operation)
        case .reshaped where isRow(output):
          fix(output, shape(input).rank == 3 ? .picture(shape(input)) : plain(output), operation)
        case .reshaped: break
        case .kept, .counted:
          if isRow(input) { fix(input, plain(input), operation) }
          if isRow(output) { fix(output, plain(output), operation) }
        }
      }
    }
    // Classes and targets are counted as they lie.
    if isRow(graph.output), let last = graph.operations.last { fix(graph.output, plain(graph.output), last) }
    // A picture that is made of computed features, as PyTorch's Unflatten makes it; a table's columns stay as they are.
    let reshapes = graph.operations.filter(\.isReshape)
    for operation in reshapes where isRow(operation.inputs[0]) && shape(operation.outputs[0]).rank == 3 {
      let (input, output) = (operation.inputs[0], operation.outputs[0])
      let hasColumns = graph.tensors[input].columns != nil && shape(0).rank != 3
      guard !hasColumns, root(input) != root(0) else { continue }
      fix(input, .picture(shape(output)), operation)
    }
    // Side by side, once everything else has said what it wants.
    for operation in graph.operations where isRow(operation.outputs[0]) {
      guard case .join(.concatenate) = operation.action else { continue }
      let parts = operation.inputs.map { order(of: $0) ?? plain($0) }
      for (part, input) in zip(parts, operation.inputs) { fix(input, part, operation) }
      fix(operation.outputs[0], .joined(parts), operation)
    }
    // What else is made of the same numbers must find them in one order: tokens of a row, a picture of a picture.
    for operation in reshapes {
      let (from, to) = (shape(operation.inputs[0]), shape(operation.outputs[0]))
      switch (from.rank, to.rank) {
      case (1, 1), (1, 3): break  // United, or fixed above.
      case (1, _):
        if order(of: operation.inputs[0])?.isPlain == false { note(operation) }
      case (3, 3):
        if FeatureOrder.picture(from) != FeatureOrder.picture(to) { note(operation) }
      default: break
      }
    }
  }

  /// The order of a tensor's features; nil where nothing asks for one.
  package func order(of tensor: Int) -> FeatureOrder? { orders[root(tensor)] }

  private func root(_ tensor: Int) -> Int {
    var tensor = tensor
    while parents[tensor] != tensor { tensor = parents[tensor] }
    return tensor
  }

  private mutating func unite(_ a: Int, _ b: Int, _ operation: Graph.Operation) {
    let (a, b) = (root(a), root(b))
    guard a != b else { return }
    parents[b] = a
    guard let order = orders[b] else { return }
    if orders[a] == nil { orders[a] = order } else if orders[a] != order { note(operation) }
  }

  private mutating func fix(_ tensor: Int, _ order: FeatureOrder, _ operation: Graph.Operation) {
    let tensor = root(tensor)
    if orders[tensor] == nil { orders[tensor] = order } else if orders[tensor] != order { note(operation) }
  }

  private mutating func note(_ operation: Graph.Operation) { if conflict == nil { conflict = operation } }
}

extension Graph.Operation {
  /// Whether it gives the same numbers another shape.
  fileprivate var isReshape: Bool {
    guard case .layer(let layer, _, _) = action, case .reshaped = layer.featureFlow else { return false }
    return true
  }
}
