import Tensors

// N rows, K classes, P points of a curve. All but what comes in and goes out is in double precision.

extension ONNXGraph {
  /// Adds what makes N×K calibrated probabilities of those that the network gives; K is 1 for those of the second of two classes.
  func append(_ calibration: PredictionCalibration, to probabilities: ONNXValue, count K: Int) -> ONNXValue {
    let given = cast(probabilities, to: .float64)
    let axis: KeyValuePairs<String, ONNXAttribute> = ["axis": .int(1)]
    let all = K == 1 ? add("Concat", all: [add("Sub", number(1), given), given], with: axis) : given
    let made = calibrated(all, calibration)
    return cast(K == 1 ? slice(made, 1..<2, axis: 1) : made, to: .float32)
  }

  private func calibrated(_ p: ONNXValue, _ calibration: PredictionCalibration) -> ONNXValue {
    switch calibration {
    case .temperature(let temperature):
      let logits = add("Div", add("Log", p), number(temperature))
      let powers = add("Exp", add("Sub", logits, add("ReduceMax", logits, wholes([1]))))
      return add("Div", powers, add("ReduceSum", powers, wholes([1])))
    case .isotonic(let curves, let positive?):
      let own = value(of: curves[0], at: slice(p, positive..<positive + 1, axis: 1))
      let other = add("Sub", number(1), own)
      return add("Concat", all: positive == 1 ? [other, own] : [own, other], with: ["axis": .int(1)])
    case .isotonic(let curves, nil):
      let columns = split(p, into: curves.map { _ in 1 }, axis: 1)
      let values = add("Concat", all: zip(curves, columns).map { value(of: $0, at: $1) }, with: ["axis": .int(1)])
      let sum = add("ReduceSum", values, wholes([1]))
      // All the same where every class comes to zero.
      return choose(
        add("Greater", sum, number(0)), add("Div", values, sum), else: number(1 / Double(curves.count)))
    }
  }

  /// N×1 values of a curve.
  private func value(of curve: PredictionCurve, at x: ONNXValue) -> ONNXValue {
    let (xs, ys, P) = (curve.xs, curve.ys, curve.xs.count)
    let count = add("ReduceSum", cast(add("LessOrEqual", numbers(xs, extents: [1, P]), x), to: .int64), wholes([1]))
    // The last point that is not above x, and the next one; where there are not both, these are not used.
    let low = add("Max", add("Min", add("Sub", count, whole(1)), whole(max(0, P - 2))), whole(0))
    let high = add("Min", add("Add", low, whole(1)), whole(P - 1))
    func point(_ values: [Double], _ place: ONNXValue) -> ONNXValue { add("Gather", numbers(values), place) }
    let (x0, x1, y0, y1) = (point(xs, low), point(xs, high), point(ys, low), point(ys, high))
    let share = add("Div", add("Sub", x, x0), add("Sub", x1, x0))
    let between = add("Add", y0, add("Mul", share, add("Sub", y1, y0)))
    let isLast = add("GreaterOrEqual", x, number(xs[P - 1]))
    let last = choose(isLast, number(ys[P - 1]), else: between)
    return choose(add("LessOrEqual", x, number(xs[0])), number(ys[0]), else: last)
  }
}
