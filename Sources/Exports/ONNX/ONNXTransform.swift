import Datasets
import Diagnostics
import Tensors

/// A transform of features that knows its form in ONNX.
public protocol ONNXTransform: FittedTransform {
  /// Adds what it makes of features; returns them, `[N] + shape` in single precision.
  ///
  /// - Parameters:
  ///   - x: features, `[N] + shape` in single precision.
  ///   - shape: that of a sample.
  ///   - wide: the same before they were rounded, in double precision; nil behind another transform, and where data are bytes.
  func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, wide: ONNXValue?) throws -> ONNXValue
}

extension Standardisation: ONNXTransform {
  /// (x - mean) · inverse along the last axis; of wide columns the mean is subtracted before x is rounded.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, wide: ONNXValue?) throws -> ONNXValue {
    let extents = granularity == .feature ? shape.extents : [means.count]
    let inverse = graph.singles(inverses, extents: extents)
    func scaled(_ centred: ONNXValue) -> ONNXValue { graph.add("Mul", centred, inverse) }
    let own = scaled(graph.add("Sub", x, graph.singles(means, extents: extents)))
    guard let wide, !wideMeans.isEmpty else { return own }
    let all = means.indices.map { wideMeans[$0] ?? 0 }
    let centred = graph.cast(graph.add("Sub", wide, graph.numbers(all)), to: .float32)
    let isWide = graph.cast(graph.wholes(means.indices.map { wideMeans[$0] == nil ? 0 : 1 }), to: .bool)
    return graph.choose(isWide, scaled(centred), else: own)
  }
}

extension ONNXGraph {
  /// Adds inputs for features that are no columns of a prepared table, and what transforms make of them.
  ///
  /// Features with names have an input each, float64 `[N]`; tokens are an input `tokens`, int64; what else there is an input
  /// `features` of the shape of a sample, in single precision, pictures channels last. Throws unavailable (69) where a transform
  /// has no form in ONNX.
  package func append(
    features shape: Shape, named names: [String]?, areTokens: Bool, _ transforms: [any FittedTransform]
  ) throws -> ONNXValue {
    let wide: ONNXValue?
    var x: ONNXValue
    if let names, shape.rank == 1, names.count == shape.count {
      let columns = try names.map { column(try input($0, .float64, [])) }
      wide = columns.count == 1 ? columns[0] : add("Concat", all: columns, with: ["axis": .int(1)])
      x = cast(wide!, to: .float32)
    } else {
      wide = nil
      x = try input(areTokens ? "tokens" : "features", areTokens ? .int64 : .float32, shape.extents)
      if areTokens { x = cast(x, to: .float32) }
    }
    for (number, transform) in transforms.enumerated() {
      guard let known = transform as? any ONNXTransform else {
        throw Failure(
          .unavailable, at: "transforms", "expected one with a form in ONNX, found \(transform)",
          cure: "make it an ONNXTransform, or leave it out and train again")
      }
      x = try known.append(to: self, x, of: shape, wide: number == 0 ? wide : nil)
    }
    return x
  }
}
