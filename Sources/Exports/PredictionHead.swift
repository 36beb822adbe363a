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

    package init(_ range: Range<Int>, _ loss: any Loss, classes: [String]?, name: String, names: [String]) {
      precondition(names.count < 2 || names.count == range.count, "\(names.count) names of \(range)")
      (self.range, self.loss, self.classes, self.name, self.names) = (range, loss, classes, name, names)
    }

    /// All outputs, in their order.
    var outputs: [String] { (classes == nil ? [] : [name]) + names }
  }

  let parts: [Part]

  package init(_ parts: [Part]) { self.parts = parts }

  /// The names of all outputs.
  package var outputs: [String] { parts.flatMap(\.outputs) }
}
