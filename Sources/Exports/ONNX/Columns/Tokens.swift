import Preparation

extension TokensColumn: ONNXColumn {
  /// The tokens as numbers in single precision, as a network's embedding reads them.
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    graph.cast(x, to: .float32)
  }
}
