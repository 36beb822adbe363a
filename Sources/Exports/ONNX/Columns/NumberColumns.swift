import Preparation
import Tables

// N rows, W numbers of a row.

extension NumberColumn: ONNXColumn {
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    try append(to: graph, graph.column(x), [fitted], tellsMissing: fitted.numbers["indicator"] != nil)
  }

  /// Of N×W numbers, what each of W places was fitted to; behind them perhaps a feature that tells of missing ones.
  fileprivate func append(
    to graph: ONNXGraph, _ x: ONNXValue, _ fitted: [FittedColumn], tellsMissing: Bool
  ) throws -> ONNXValue {
    let isMissing = graph.add("IsNaN", x)
    var numbers = graph.choose(isMissing, constants: try fitted.map { try $0.number("missing") }, else: x)
    if fitted.contains(where: { $0.numbers["clip"] != nil }) {
      let bounds = fitted.map { $0.numbers["clip"] ?? [-.infinity, .infinity] }
      let (low, high) = (bounds.map { $0[0] }, bounds.map { $0[1] })
      // As max and min of Swift, of equals the second and the first: zeros have signs.
      let isLow = graph.add("GreaterOrEqual", graph.numbers(low), numbers)
      numbers = graph.choose(isLow, constants: low, else: numbers)
      let isHigh = graph.add("Less", graph.numbers(high), numbers)
      numbers = graph.choose(isHigh, constants: high, else: numbers)
    }
    guard let scale = scale as? any ONNXScale else {
      throw ONNXMisfit(
        "scale: \(type(of: scale).kind) has no form in ONNX", cure: "make it an ONNXScale, or use another scale")
    }
    let features = graph.cast(try scale.append(to: graph, numbers, fitted), to: .float32)
    guard tellsMissing else { return features }
    let indicator = graph.cast(isMissing, to: .float32)
    // A row has all of its numbers or none.
    let own = fitted.count > 1 ? graph.slice(indicator, 0..<1, axis: 1) : indicator
    return graph.add("Concat", features, own, with: ["axis": .int(1)])
  }
}

extension VectorColumn: ONNXColumn {
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    try element.append(
      to: graph, x, try elements(fitted), tellsMissing: fitted.numbers["indicator"] != nil)
  }
}
