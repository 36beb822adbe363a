import Datasets
import Diagnostics
import Judging

/// Rows that were predicted worst and best, one by one.
package struct ExampleRows: Sendable {
  /// A row: what is true of it, what was said, and what its columns hold.
  package struct Row: Sendable {
    /// From 1, among the rows of its part, in their order.
    package var place: Int
    package var truth: String
    package var prediction: String
    /// Of classes, what was given to the prediction, and to the truth.
    package var probability: (ofPrediction: Double, ofTruth: Double)?
    /// Of numbers, how far the prediction lies from the truth.
    package var error: Double?
    /// What it looks like, as a file's bytes and the width of it on a page, where it is a picture or a sequence.
    package var picture: (link: String, width: Int)?
    /// What columns hold; nil: nothing.
    package var values: [(column: String, text: String?)] = []

    package init(place: Int, truth: String, prediction: String) {
      (self.place, self.truth, self.prediction) = (place, truth, prediction)
    }
  }

  /// The worst first: the least probable truth, or the largest error.
  package var worst: [Row] = []
  /// The best first.
  package var best: [Row] = []
  /// Columns that are not shown of them.
  package var omitted = 0

  package init() {}

  private static let mostWorst = 10
  private static let mostBest = 5

  /// Of rows as they were judged: by a calibration and a threshold, where those were chosen.
  init(_ rows: JudgedRows) {
    let all = (0..<rows.count).map { rows.row($0) }
    switch rows.content {
    case .classes(let classes):
      // The one of equals that comes first is the worse.
      let sorted = all.map { (value: classes.probability(of: classes.target($0), $0), row: $0) }
        .sorted { ($0.value, $0.row) < ($1.value, $1.row) }
      func facts(_ one: (value: Double, row: Int)) -> Row {
        let (truth, prediction) = (classes.target(one.row), classes.prediction(one.row))
        var row = Row(place: one.row + 1, truth: classes.names[truth], prediction: classes.names[prediction])
        row.probability = (classes.probability(of: prediction, one.row), one.value)
        return row
      }
      (worst, best) = (sorted.prefix(Self.mostWorst).map(facts), sorted.suffix(Self.mostBest).reversed().map(facts))
    case .numbers(let numbers):
      let sorted = all.map { (value: abs(numbers.prediction($0) - numbers.target($0)), row: $0) }
        .sorted { ($1.value, $0.row) < ($0.value, $1.row) }
      func facts(_ one: (value: Double, row: Int)) -> Row {
        let (truth, prediction) = (numbers.target(one.row), numbers.prediction(one.row))
        let size = ReportedFigure(max(abs(truth), abs(prediction))).decimals
        var row = Row(
          place: one.row + 1, truth: ReportedFigure.short(truth, digits: 6),
          prediction: ReportedFigure.text(prediction, decimals: size))
        row.error = prediction - truth
        return row
      }
      (worst, best) = (sorted.prefix(Self.mostWorst).map(facts), sorted.suffix(Self.mostBest).reversed().map(facts))
    }
  }

  /// The places of all of them, from 0.
  var places: [Int] { (worst + best).map { $0.place - 1 } }

  /// Adds what samples look like.
  mutating func takePictures(of data: Dataset) {
    func add(_ rows: inout [Row]) {
      for place in rows.indices {
        guard let picture = SamplePicture(data, sample: rows[place].place - 1, most: 128) else { return }
        rows[place].picture = (picture.png.link, min(picture.width(about: 96), 192))
      }
    }
    add(&worst)
    add(&best)
  }

  /// Adds what columns hold.
  mutating func take(_ columns: [String], of cells: [Int: [String?]], omitted: Int) {
    func add(_ rows: inout [Row]) {
      for place in rows.indices {
        guard let own = cells[rows[place].place - 1] else { continue }
        rows[place].values = zip(columns, own).map { ($0, $1) }
      }
    }
    add(&worst)
    add(&best)
    self.omitted = omitted
  }
}
