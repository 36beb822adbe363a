import Losses

/// A loss that knows in ONNX what a prediction shows of outputs.
public protocol ONNXLoss: Loss {
  /// Adds what `activate` makes of outputs, W of them, along the last axis of `x`.
  func activate(_ x: ONNXValue, in graph: ONNXGraph, count W: Int) -> ONNXValue
}

extension ONNXLoss {
  /// The outputs as they are.
  public func activate(_ x: ONNXValue, in graph: ONNXGraph, count W: Int) -> ONNXValue { x }
}

extension MeanSquaredErrorLoss: ONNXLoss {}
extension MeanAbsoluteErrorLoss: ONNXLoss {}
extension HuberLoss: ONNXLoss {}

extension CrossEntropyLoss: ONNXLoss {
  public func activate(_ x: ONNXValue, in graph: ONNXGraph, count W: Int) -> ONNXValue {
    graph.add("Softmax", x, with: ["axis": .int(-1)])
  }
}

extension BinaryCrossEntropyLoss: ONNXLoss {
  public func activate(_ x: ONNXValue, in graph: ONNXGraph, count W: Int) -> ONNXValue { graph.add("Sigmoid", x) }
}

extension QuantileLoss: ONNXLoss {
  /// The quantiles of each target in ascending order.
  public func activate(_ x: ONNXValue, in graph: ONNXGraph, count W: Int) -> ONNXValue {
    let Q = outputsPerTarget
    guard Q > 1 else { return x }
    let sorted = graph.smallest(Q, of: graph.reshape(x, to: [W / Q, Q]))
    return graph.reshape(sorted, to: [W])
  }
}

extension ONNXGraph {
  /// The `count` smallest along the last axis, in ascending order.
  fileprivate func smallest(_ count: Int, of x: ONNXValue) -> ONNXValue {
    add(
      "TopK", all: [x, wholes([count])], outputs: 2,
      with: ["axis": .int(-1), "largest": .int(0), "sorted": .int(1)])[0]
  }
}
