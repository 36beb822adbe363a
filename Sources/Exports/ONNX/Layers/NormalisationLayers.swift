import Layers
import Tensors

extension BatchNorm: ONNXLayer {
  /// (x - μ) · (γ / √(σ² + ε)) + β of running statistics, along the last axis; not `BatchNormalization`, which wants channels
  /// first.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let (weight, bias, mean, variance) = (parameters[0], parameters[1], parameters[2], parameters[3])
    let deviation = graph.add("Sqrt", graph.add("Add", variance, graph.single(Float(epsilon))))
    let scale = graph.add("Mul", graph.add("Div", graph.single(1), deviation), weight)
    return graph.add("Add", graph.add("Mul", graph.add("Sub", x, mean), scale), bias)
  }
}

extension LayerNorm: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add(
      "LayerNormalization", all: [x] + parameters, with: ["axis": .int(-1), "epsilon": .float(epsilon)])
  }
}

extension RMSNorm: ONNXLayer {
  /// x / √(mean(x²) + ε) · γ along the last axis; opset 20 has no `RMSNormalization` yet.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let mean = graph.add("ReduceMean", graph.add("Mul", x, x), graph.wholes([-1]))
    let root = graph.add("Sqrt", graph.add("Add", mean, graph.single(epsilon)))
    return graph.add("Mul", graph.add("Div", x, root), parameters[0])
  }
}

extension GroupNorm: ONNXLayer {
  /// By hand, with channels last: `[N, R, G, C / G]`, R positions. What opset 20 has for it takes scales of groups, not of channels.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let C = shape.extents.last!
    let parts = graph.reshape(x, to: [shape.count / C, groups, C / groups])
    let axes = graph.wholes([1, 3])
    let centred = graph.add("Sub", parts, graph.add("ReduceMean", parts, axes))
    let variance = graph.add("ReduceMean", graph.add("Mul", centred, centred), axes)
    let deviation = graph.add("Sqrt", graph.add("Add", variance, graph.single(epsilon)))
    let normal = graph.reshape(graph.add("Div", centred, deviation), to: shape.extents)
    return graph.add("Add", graph.add("Mul", normal, parameters[0]), parameters[1])
  }
}
