import Preparation

// Words are found by their bytes. W words.

extension ONNXGraph {
  /// The place of each row's word, by `LabelEncoder`; `other` where it is not among the words.
  func places(
    _ x: ONNXValue, of words: [String], from first: Int = 0, missing: [String], at missingPlace: Int, else other: Int
  ) -> ONNXValue {
    let known = words.enumerated().filter { !missing.contains($1) }
    return add(
      "LabelEncoder", of: .learning, x,
      with: [
        "keys_strings": .texts(missing + known.map { $1 }),
        "values_int64s": .ints(missing.map { _ in missingPlace } + known.map { $0.offset + first }),
        "default_int64": .int(other),
      ])
  }
}

extension CategoryColumn: ONNXColumn {
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    let words = fitted.words["words"] ?? []
    let (hasUnknown, hasMissing) = (fitted.numbers["unknown"] != nil, fitted.numbers["missing"] != nil)
    let width = words.count + (hasUnknown ? 1 : 0) + (hasMissing ? 1 : 0)
    // Behind the last one there is no feature.
    let unknown = hasUnknown ? words.count : width
    let fill = fitted.words["missing"]?.first.flatMap { words.firstIndex(of: $0) }
    let places = graph.places(
      x, of: words, missing: missing, at: fill ?? (hasMissing ? width - 1 : unknown), else: unknown)
    return graph.oneHot(places, count: width)
  }
}

extension BinaryColumn: ONNXColumn {
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    let share = Float(try fitted.number("share"))
    let places = graph.places(x, of: fitted.words["words"] ?? [], missing: missing, at: 2, else: 2)
    return graph.column(graph.add("Gather", graph.singles([0, 1, share]), places))
  }
}

extension EmbeddingColumn: ONNXColumn {
  /// The place of a word among the learned rows, of which the first is that of no word.
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    let places = graph.places(x, of: fitted.words["words"] ?? [], from: 1, missing: missing, at: 0, else: 0)
    return graph.column(graph.cast(places, to: .float32))
  }
}

extension HashedColumn: ONNXColumn {
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    throw ONNXMisfit(
      "expected a kind with a form in ONNX, found hashed, whose hash no operator computes",
      cure: "make it a category or an embedding, and train again")
  }
}
