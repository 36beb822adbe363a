import Layers
import Tensors

// Layers that compute element by element, or only move what there is.

extension ReLU: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Relu", x)
  }
}

extension Sigmoid: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Sigmoid", x)
  }
}

extension Tanh: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Tanh", x)
  }
}

extension LeakyReLU: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("LeakyRelu", x, with: ["alpha": .float(slope)])
  }
}

extension GELU: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Gelu", x, with: ["approximate": .text(activation == .geluTanh ? "tanh" : "none")])
  }
}

extension SiLU: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Mul", x, graph.add("Sigmoid", x))
  }
}

extension Softmax: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Softmax", x, with: ["axis": .int(-1)])
  }
}

extension Dropout: ONNXLayer {
  /// Nothing: it is the identity in evaluation.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue { x }
}

extension Flatten: ONNXLayer {
  /// Pictures are channels last here too, so that their features stay in the order that memory has.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.reshape(x, to: [shape.count])
  }
}

extension Reshape: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.reshape(x, to: self.shape.extents)
  }
}

extension Select: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.slice(x, range, axis: shape.rank)
  }
}
