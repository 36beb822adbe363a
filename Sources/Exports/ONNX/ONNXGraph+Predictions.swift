import Diagnostics
import Tensors

extension ONNXGraph {
  /// Adds what makes predictions of a network's outputs, and gives them out: probabilities and numbers in single precision,
  /// `[N]` each; the predicted class as a text, `[N]`. Of a sequence it is all of them at once, `[N, T, W]`.
  ///
  /// Throws unavailable (69) where a loss has no form in ONNX.
  package func append(_ head: PredictionHead, to x: ONNXValue, of shape: Shape) throws {
    for part in head.parts {
      for name in part.outputs { try reserve(name) }
    }
    for part in head.parts {
      guard let loss = part.loss as? any ONNXLoss else {
        throw Failure(
          .unavailable, at: "loss", "expected one with a form in ONNX, found \(part.loss.kind)",
          cure: "make it an ONNXLoss")
      }
      place = "outputs"
      guard shape.rank == 1 else {
        let shown = loss.activate(x, in: self, count: shape.extents.last!)
        output(shown, as: part.names[0], .float32, shape.extents)
        continue
      }
      let own = part.range == 0..<shape.count ? x : slice(x, part.range, axis: 1)
      let shown = loss.activate(own, in: self, count: part.range.count)
      if let classes = part.classes {
        output(label(shown, of: classes, isBinary: !part.loss.takesClasses), as: part.name, .text, [])
      }
      guard !part.names.isEmpty else { continue }
      for (name, value) in zip(part.names, split(shown, into: part.names.map { _ in 1 }, axis: 1)) {
        output(add("Squeeze", value, wholes([1])), as: name, .float32, [])
      }
    }
    place = ""
  }

  /// The class of the largest probability, the first of equal ones; or the second of two where the only one is above a half.
  private func label(_ probabilities: ONNXValue, of classes: [String], isBinary: Bool) -> ONNXValue {
    let found: ONNXValue
    if isBinary {
      let isSecond = add("Greater", probabilities, single(0.5))
      found = cast(add("Squeeze", isSecond, wholes([1])), to: .int64)
    } else {
      found = add("ArgMax", probabilities, with: ["axis": .int(1), "keepdims": .int(0)])
    }
    return add("Gather", texts(classes), found)
  }
}
