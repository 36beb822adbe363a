import Layers
import Tensors

// ONNX has no adaptive pools: windows are cut out, along one axis after the other, as what is made of a rectangle is made of its
// lines first.

extension GlobalMaxPool: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("ReduceMax", x, graph.wholes(Array(1..<shape.rank)), with: ["keepdims": .int(0)])
  }
}

extension AdaptiveAveragePool: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    reduced(x, by: "ReduceMean", of: shape, in: graph)
  }
}

extension AdaptiveMaxPool: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    reduced(x, by: "ReduceMax", of: shape, in: graph)
  }
}

extension AdaptivePool {
  fileprivate func reduced(_ x: ONNXValue, by operation: String, of shape: Shape, in graph: ONNXGraph) -> ONNXValue {
    let counts = shape.rank == 3 ? [size.plane.height, size.plane.width] : [size.plane.width]
    return counts.enumerated().reduce(x) { x, along in
      let (axis, count) = (along.offset + 1, along.element)
      let parts = (0..<count).map { window in
        let range = Self.window(window, of: count, over: shape[along.offset])
        let part = graph.slice(x, range, axis: axis)
        return graph.add(operation, part, graph.wholes([axis]), with: ["keepdims": .int(1)])
      }
      return parts.count == 1 ? parts[0] : graph.add("Concat", all: parts, with: ["axis": .int(axis)])
    }
  }
}
