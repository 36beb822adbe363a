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
