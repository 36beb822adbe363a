import Losses
import Metrics
import Sources
import Tensors
import Writers

/// Predictions of several things: for classes the predicted one, under the name of the target, and probabilities; numbers.
extension Model {
  private var parts: [LossPart] { configuration.loss.parts }

  /// The outputs that are written, in their order.
  private var written: [Int] {
    parts.filter { $0.classes == nil || configuration.predictions.probabilities }.flatMap { Array($0.range) }
  }

  /// Predicted classes are texts, as columns of the input that are kept.
  func partsForm(keeping columns: [String]) -> PredictionForm {
    let names = parts.flatMap(\.outputNames)
    return PredictionForm(
      numbers: written.map { names[$0] }, decimals: configuration.predictions.decimals,
      tellsProblems: configuration.data.tellsProblems, kept: columns + parts.filter { $0.classes != nil }.map(\.name))
  }

  func partsPredictions(_ rows: PredictedRows) -> Predictions {
    let (width, count, written, outputs) = (outputShape.count, rows.count, written, rows.outputs.view)
    let numbers = FlatBuffer(count: count * written.count)
    for sample in 0..<count {
      for (place, output) in written.enumerated() {
        numbers.view[sample * written.count + place] = outputs[sample * width + output]
      }
    }
    // The place of each row's sample; nil where it has a problem.
    var next = 0
    let samples = (0..<rows.rows).map { row -> Int? in
      guard rows.problems[row] == nil else { return nil }
      defer { next += 1 }
      return next
    }
    let predicted = parts.compactMap { part -> [String?]? in
      guard let classes = part.classes else { return nil }
      return samples.map { sample in
        sample.map { sample in
          let first = sample * width
          let own = outputs[first + part.range.lowerBound..<first + part.range.upperBound]
          return classes[part.isBinary ? (own[0] > 0.5 ? 1 : 0) : largest(own)]
        }
      }
    }
    return Predictions(numbers: numbers.view, count: count, problems: rows.problems, kept: rows.kept + predicted)
  }
}
