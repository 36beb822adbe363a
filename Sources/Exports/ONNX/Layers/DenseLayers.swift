import Layers
import Tensors

// N samples, T positions, I inputs, O outputs, V words, D width.

extension Dense: ONNXLayer {
  /// `Gemm` of rows; of positions `MatMul`, which takes N×T×I.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    guard shape.rank > 1 else { return graph.add("Gemm", all: [x] + parameters, with: ["transB": .int(1)]) }
    return graph.linear(x, parameters[0], bias: hasBias ? parameters[1] : nil)
  }
}

extension ONNXGraph {
  /// `y = x Wᵀ + b` along the last axis of any shape; W is O×I.
  func linear(_ x: ONNXValue, _ weight: ONNXValue, bias: ONNXValue?) -> ONNXValue {
    let product = add("MatMul", x, add("Transpose", weight, with: ["perm": .ints([1, 0])]))
    return bias.map { add("Add", product, $0) } ?? product
  }
}

extension Embedding: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let tokens = graph.cast(x, to: .int64)
    let rows = graph.rows(parameters[0], at: tokens)
    guard let padding = paddingToken else { return rows }
    let isPadding = graph.add("Equal", tokens, graph.whole(padding))
    let ends = graph.choose(isPadding, graph.whole(0), else: graph.wholes(Array(1...shape.count)))
    let lengths = graph.add("ReduceMax", ends, graph.wholes([1]), with: ["keepdims": .int(0)])
    graph.sides.lengths = lengths
    return graph.clear(rows, behind: lengths, positions: shape.count)
  }
}

extension ColumnEmbeddings: ONNXLayer {
  /// A `Gather` for each place of a word, between the features that stay.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    var (parts, next) = ([ONNXValue](), 0)
    func keep(upTo end: Int) {
      if next < end { parts.append(graph.slice(x, next..<end, axis: 1)) }
    }
    for (column, table) in zip(columns, parameters) {
      keep(upTo: column.feature)
      let place = graph.slice(x, column.feature..<column.feature + 1, axis: 1)
      let row = graph.cast(graph.add("Squeeze", place, graph.wholes([1])), to: .int64)
      parts.append(graph.add("Gather", table, row))
      next = column.feature + 1
    }
    keep(upTo: shape.count)
    return graph.add("Concat", all: parts, with: ["axis": .int(1)])
  }
}

extension Positions: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Add", x, parameters[0])
  }
}

extension SinusoidalPositions: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Add", x, graph.singles(table(of: shape).view.array, extents: shape.extents))
  }
}

extension Rescale: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Add", graph.add("Mul", x, graph.singles(scale)), graph.singles(offset))
  }
}
