import Diagnostics
import Tensors

extension Graph {
  /// Gives the slots behind flattened pictures PyTorch's order.
  mutating func orderSlots() {
    let orders = FeatureOrders(self)
    if let operation = orders.conflict {
      orderConflict = operation.orderConflict
      return
    }
    let firstUses = self.firstUses
    for (place, operation) in operations.enumerated() {
      // A tied slot has the order of an embedding, whose rows are tokens.
      let isTied = operation.slots.contains { firstUses[$0] < place }
      if isTied,
        [operation.inputs[0], operation.outputs[0]].contains(where: { orders.order(of: $0)?.isPlain == false })
      {
        orderConflict = operation.orderConflict
        return
      }
      for slot in operation.slots where firstUses[slot] == place {
        let axes = parameters[slot].axes.map { axis -> FeatureOrder? in
          switch axis {
          case .input: orders.order(of: operation.inputs[0])
          case .output: orders.order(of: operation.outputs[0])
          case .inner: nil
          }
        }
        layout.setOrder(ofSlot: slot, rows: axes.first ?? nil, columns: axes.count > 1 ? axes[1] : nil)
      }
    }
  }

  /// The table of an embedding before, which a parameter is.
  func slot(
    ofEmbeddingAt place: String, for parameter: Parameter, of layer: any Layer, _ path: String
  ) throws -> Int {
    func failure(_ fault: String, _ cure: String) -> Failure {
      Failure(.badConfiguration, at: "model.\(path) (\(type(of: layer).kind))", fault, cure: cure)
    }
    let embeddings = operations.filter(\.isEmbedding)
    guard let embedding = embeddings.first(where: { $0.path == place }) else {
      let places = embeddings.map(\.path)
      throw failure(
        "expected tied to name an embedding before it (\(places.isEmpty ? "there is none" : places.joined(separator: ", "))), "
          + "found '\(place)'", places.first.map { "write tied: \($0), or leave it out" } ?? "leave tied out")
    }
    let (slot, shape) = (embedding.slots[0], layout.slots[embedding.slots[0]].shape)
    guard shape == parameter.shape else {
      throw failure(
        "expected weights of \(shape), as the embedding at \(place) has, found \(parameter.shape)",
        "give it \(shape[0]) units and an input of \(shape[1]) a row, or leave tied out")
    }
    return slot
  }
}

extension Graph {
  /// By slot: the place of the first operation that has it, whose backward pass is the last to write its gradient.
  var firstUses: [Int] { uses { first, _ in first } }
  /// Of the last one, whose backward pass begins it.
  var lastUses: [Int] { uses { _, last in last } }

  private func uses(_ choose: (Int, Int) -> Int) -> [Int] {
    var found = [Int?](repeating: nil, count: layout.slots.count)
    for (place, operation) in operations.enumerated() {
      for slot in operation.slots { found[slot] = found[slot].map { choose($0, place) } ?? place }
    }
    return found.map { $0! }
  }
}
