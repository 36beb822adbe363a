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
      var shown = loss.activate(own, in: self, count: part.range.count)
      if let calibration = part.calibration { shown = append(calibration, to: shown, count: part.range.count) }
      if let classes = part.classes {
        let place = part.threshold.map { self.place(shown, $0, count: part.range.count) }
        output(
          add("Gather", texts(classes), place ?? self.place(shown, count: part.range.count)), as: part.name, .text, [])
      }
      guard !part.names.isEmpty else { continue }
      for (name, value) in zip(part.names, split(shown, into: part.names.map { _ in 1 }, axis: 1)) {
        output(add("Squeeze", value, wholes([1])), as: name, .float32, [])
      }
    }
    place = ""
  }

  /// The place of the largest probability, the first of equal ones; or of the second of two classes where its own, the only one,
  /// is above a half.
  private func place(_ probabilities: ONNXValue, count: Int) -> ONNXValue {
    guard count == 1 else { return add("ArgMax", probabilities, with: ["axis": .int(1), "keepdims": .int(0)]) }
    return cast(add("Squeeze", add("Greater", probabilities, single(0.5)), wholes([1])), to: .int64)
  }

  /// The place that a threshold chooses of two.
  private func place(_ probabilities: ONNXValue, _ threshold: PredictionThreshold, count: Int) -> ONNXValue {
    let yes = cast(slice(probabilities, count - 1..<count, axis: 1), to: .float64)
    let own: ONNXValue
    if count == 1 {
      own = threshold.place == 1 ? yes : add("Sub", number(1), yes)
    } else {
      own = cast(slice(probabilities, threshold.place..<threshold.place + 1, axis: 1), to: .float64)
    }
    let isReached = add("Squeeze", add("GreaterOrEqual", own, number(threshold.least)), wholes([1]))
    return choose(isReached, whole(threshold.place), else: whole(1 - threshold.place))
  }
}
