import Layers
import Tensors

// N samples, T positions, C features. Of sequences that end earlier the graph knows how many positions are real, `[N]`.

extension ONNXGraph {
  /// `[N, T]`: whether positions are real.
  func areReal(_ lengths: ONNXValue, positions: Int) -> ONNXValue {
    add("Less", wholes(Array(0..<positions)), column(lengths))
  }

  /// `[N, T, C]` with `value` in the place of positions that are not real.
  func clear(_ x: ONNXValue, behind lengths: ONNXValue, positions: Int, to value: Float = 0) -> ONNXValue {
    choose(add("Unsqueeze", areReal(lengths, positions: positions), wholes([-1])), x, else: single(value))
  }
}

extension SelectPosition: ONNXLayer {
  /// A negative place counts from the end in ONNX too, but for one that depends on the sample.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    guard let lengths = graph.sides.lengths else {
      return graph.add("Gather", x, graph.whole(position), with: ["axis": .int(1)])
    }
    let place = graph.add(
      "Add", graph.whole(position), position < 0 ? lengths : graph.add("Mul", lengths, graph.whole(0)))
    let isReal = graph.add(
      "And", graph.add("Less", place, lengths), graph.add("GreaterOrEqual", place, graph.whole(0)))
    let index = graph.column(graph.choose(isReal, place, else: graph.whole(0)))
    let row = graph.add("GatherND", x, index, with: ["batch_dims": .int(1)])
    return graph.choose(graph.column(isReal), row, else: graph.single(0))
  }
}

extension MeanPositions: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    guard let lengths = graph.sides.lengths else {
      return graph.add("ReduceMean", x, graph.wholes([1]), with: ["keepdims": .int(0)])
    }
    let real = graph.clear(x, behind: lengths, positions: shape[0])
    let sum = graph.add("ReduceSum", real, graph.wholes([1]), with: ["keepdims": .int(0)])
    let count = graph.cast(graph.add("Max", lengths, graph.whole(1)), to: .float32)
    return graph.add("Div", sum, graph.column(count))
  }
}

extension MaxPositions: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    func most(_ x: ONNXValue) -> ONNXValue {
      graph.add("ReduceMax", x, graph.wholes([1]), with: ["keepdims": .int(0)])
    }
    guard let lengths = graph.sides.lengths else { return most(x) }
    let found = most(graph.clear(x, behind: lengths, positions: shape[0], to: -.infinity))
    let isThere = graph.column(graph.add("Greater", lengths, graph.whole(0)))
    return graph.choose(isThere, found, else: graph.single(0))
  }
}
