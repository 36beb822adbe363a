import Kernels
import Layers
import Tensors

// N samples, T positions, I inputs, H hidden units, G gates, D directions.

extension LSTM: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.recur(Self.cell, form, x, of: shape, parameters)
  }
}

extension GRU: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.recur(Self.cell, form, x, of: shape, parameters)
  }
}

extension ONNXGraph {
  /// Recurrent layers upon each other: a node each, of both directions.
  fileprivate func recur(
    _ cell: RecurrentCell, _ form: RecurrentForm, _ x: ONNXValue, of shape: Shape, _ parameters: [ONNXValue]
  ) -> ONNXValue {
    // Blocks of rows of PyTorch's weights, i f g o or r z n, in the order of ONNX: i o f c, z r h.
    let gates = cell == .lstm ? [0, 3, 1, 2] : [1, 0, 2]
    let (H, D, T) = (form.units, form.directions, shape[0])
    let lengths = sides.lengths
    // INT32, which these operators want and no other one here has.
    let ends = lengths.map { add("Cast", $0, with: ["to": .int(6)]) }
    func ordered(_ parameter: ONNXValue) -> ONNXValue {
      let parts = split(parameter, into: gates.map { _ in H }, axis: 0)
      return add("Concat", all: gates.map { parts[$0] }, with: ["axis": .int(0)])
    }
    func stacked(_ directions: [ONNXValue]) -> ONNXValue {
      add("Concat", all: directions.map { add("Unsqueeze", $0, wholes([0])) }, with: ["axis": .int(0)])
    }
    let each = form.hasBias ? 4 : 2
    // Position by position, as all versions of the operators take it.
    var value = add("Transpose", x, with: ["perm": .ints([1, 0, 2])])
    var last = value
    for layer in 0..<form.layers {
      let own = (0..<D).map { direction in
        Array(parameters[(layer * D + direction) * each..<(layer * D + direction + 1) * each]).map(ordered)
      }
      let bias =
        form.hasBias
        ? stacked(own.map { add("Concat", $0[2], $0[3], with: ["axis": .int(0)]) }) : ONNXValue.absent
      let inputs = [value, stacked(own.map { $0[0] }), stacked(own.map { $0[1] }), bias, ends ?? .absent]
      let (size, direction) = (ONNXAttribute.int(H), ONNXAttribute.text(D == 2 ? "bidirectional" : "forward"))
      let made =
        switch cell {
        case .lstm: add("LSTM", all: inputs, outputs: 3, with: ["hidden_size": size, "direction": direction])
        case .gru:
          add(
            "GRU", all: inputs, outputs: 2,
            with: ["hidden_size": size, "direction": direction, "linear_before_reset": .int(1)])
        }
      last = made[1]
      // T×D×N×H becomes T×N×D H.
      let sides = add("Transpose", made[0], with: ["perm": .ints([0, 2, 1, 3])])
      value = add("Reshape", sides, wholes([0, 0, D * H]))
    }
    guard form.returned == .sequence else {
      let row = reshape(add("Transpose", last, with: ["perm": .ints([1, 0, 2])]), to: [D * H])
      return lengths.map { choose(column(add("Greater", $0, whole(0))), row, else: single(0)) } ?? row
    }
    let rows = add("Transpose", value, with: ["perm": .ints([1, 0, 2])])
    return lengths.map { clear(rows, behind: $0, positions: T) } ?? rows
  }
}

extension EmbeddingBag: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let tokens = graph.cast(x, to: .int64)
    var rows = graph.add("Gather", parameters[0], tokens)
    let counts = padding.map { graph.add("Not", graph.add("Equal", tokens, graph.whole($0))) }
    if let counts {
      rows = graph.choose(
        graph.add("Unsqueeze", counts, graph.wholes([-1])), rows, else: graph.single(mode == .max ? -.infinity : 0))
    }
    let operation = mode == .max ? "ReduceMax" : "ReduceSum"
    let row = graph.add(operation, rows, graph.wholes([1]), with: ["keepdims": .int(0)])
    guard mode != .sum else { return row }
    guard let counts else {
      return mode == .max ? row : graph.add("Div", row, graph.single(Float(shape.count)))
    }
    let count = graph.add(
      "ReduceSum", graph.cast(counts, to: .float32), graph.wholes([1]), with: ["keepdims": .int(1)])
    guard mode == .max else { return graph.add("Div", row, graph.add("Max", count, graph.single(1))) }
    return graph.choose(graph.add("Greater", count, graph.single(0)), row, else: graph.single(0))
  }
}
