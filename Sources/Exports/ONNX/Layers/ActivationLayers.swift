import Layers
import Tensors

extension ReLU6: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Clip", x, graph.single(0), graph.single(6))
  }
}

extension HardSigmoid: ONNXLayer {
  /// max(0, min(1, αx + β)), α a sixth and β a half.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("HardSigmoid", x, with: ["alpha": .float(1 / 6), "beta": .float(0.5)])
  }
}

extension HardSwish: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("HardSwish", x)
  }
}

extension ELU: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Elu", x, with: ["alpha": .float(alpha)])
  }
}

extension Softplus: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    guard beta != 1 else { return graph.add("Softplus", x) }
    let scale = graph.single(beta)
    return graph.add("Div", graph.add("Softplus", graph.add("Mul", x, scale)), scale)
  }
}

extension Mish: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Mish", x)
  }
}

extension PReLU: ONNXLayer {
  /// Slopes of channels are along the last axis, where they are here too.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("PRelu", x, parameters[0])
  }
}
