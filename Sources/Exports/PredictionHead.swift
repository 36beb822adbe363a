import Losses

/// What a network's outputs say, and what they are called: as `lockstep predict` writes them.
package struct PredictionHead {
  /// Outputs that say one thing of a row.
  package struct Part {
    /// Those of the network.
    let range: Range<Int>
    /// What shows probabilities of scores.
    let loss: any Loss
    /// The classes of which one is predicted; nil: numbers are.
    let classes: [String]?
    /// What the predicted class is called.
    let name: String
    /// What each output is called; empty: they are not given out.
    let names: [String]
    /// What is done to probabilities; nil: nothing.
    let calibration: PredictionCalibration?
    /// The class of two that is predicted from a probability on, and that; nil: the one with the larger probability is.
    let threshold: PredictionThreshold?

    package init(
      _ range: Range<Int>, _ loss: any Loss, classes: [String]?, name: String, names: [String],
      calibration: PredictionCalibration? = nil, threshold: PredictionThreshold? = nil
    ) {
      precondition(names.count < 2 || names.count == range.count, "\(names.count) names of \(range)")
      precondition(threshold == nil || classes?.count == 2, "a threshold is that of one of two classes")
      (self.range, self.loss, self.classes, self.name, self.names) = (range, loss, classes, name, names)
      (self.calibration, self.threshold) = (calibration, threshold)
    }

    /// All outputs, in their order.
    var outputs: [String] { (classes == nil ? [] : [name]) + names }
  }

  let parts: [Part]

  package init(_ parts: [Part]) { self.parts = parts }

  /// The names of all outputs.
  package var outputs: [String] { parts.flatMap(\.outputs) }
}

/// What makes probabilities agree with frequencies, in double precision; they are rounded once.
package enum PredictionCalibration: Encodable, Equatable {
  /// p^(1/T) of each probability, divided by their sum.
  case temperature(Double)
  /// A function of each class, divided by the sum of all; or of one of two classes, and 1 less that for the other.
  case isotonic([PredictionCurve], positive: Int?)
}

/// Straight between points, level outside of them: x ascending, each once.
package struct PredictionCurve: Encodable, Equatable {
  package let xs: [Double]
  package let ys: [Double]

  package init(xs: [Double], ys: [Double]) {
    precondition(xs.count == ys.count && !xs.isEmpty, "\(xs.count) places and \(ys.count) values")
    (self.xs, self.ys) = (xs, ys)
  }
}

/// The class at `place` of two is predicted where its probability is at least `least`.
package struct PredictionThreshold: Encodable, Equatable {
  package let place: Int
  package let least: Double

  package init(place: Int, least: Double) { (self.place, self.least) = (place, least) }
}
