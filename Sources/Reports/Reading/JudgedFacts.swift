/// One class against all others, at every threshold.
package struct ClassCurves: Sendable {
  package typealias Point = (x: Double, y: Double, threshold: Double?)
  /// The part of the class that is named, of those named that are right, of the others that are named falsely, and of all rows
  /// that is named; nil where it is a part of nothing.
  package typealias AtThreshold = (
    threshold: Double, recall: Double?, precision: Double?, falsePositiveRate: Double?, flagged: Double?
  )

  package var name: String
  /// The part of the others that is named falsely, and of the class that is named.
  package var roc: [Point]
  /// The part of the class that is named, and of those named that are right.
  package var precisionRecall: [Point]
  /// The part of all rows that is named, the most probable first, and of the class that is among them.
  package var gain: [Point]
  /// The share of the class among the rows.
  package var share: Double
  /// What comes of some thresholds, of all rows, where curves leave points out.
  package var thresholds: [AtThreshold] = []

  package init(name: String, roc: [Point], precisionRecall: [Point], gain: [Point], share: Double) {
    (self.name, self.roc, self.precisionRecall, self.gain, self.share) = (name, roc, precisionRecall, gain, share)
  }
}

/// Rows whose probability was about the same.
package struct ReliabilityBin: Sendable {
  /// What was said, the mean, and how often it was so.
  package var probability: Double
  package var frequency: Double
  /// What its rows weigh.
  package var weight: Double

  package init(probability: Double, frequency: Double, weight: Double) {
    (self.probability, self.frequency, self.weight) = (probability, frequency, weight)
  }
}

/// From which probability on a class is named.
package struct ChosenThreshold: Sendable {
  package var value: Double
  /// `the best f1 on 445 validation rows`
  package var how: String

  package init(_ value: Double, how: String) { (self.value, self.how) = (value, how) }
}

/// What a row costs on average where a threshold was chosen by costs, and where all rows are decided alike.
package struct CostFacts: Sendable {
  /// The class that is named.
  package var name: String
  package var value: ReportedFigure
  /// Where the class is named of all rows, and of none.
  package var always: Double
  package var never: Double
  /// What a row costs that is named falsely, and one of the class that is not named.
  package var falseAlarm = 1.0
  package var miss = 1.0

  package init(name: String, value: ReportedFigure, always: Double, never: Double) {
    (self.name, self.value, self.always, self.never) = (name, value, always, never)
  }
}

/// Scores of the rows that have the same value of a column.
package struct SliceTable: Sendable {
  package struct Slice: Sendable {
    package var value: String
    package var rows: Int
    /// Whether they are too few to say much.
    package var isSmall: Bool
    package var scores: [Measurement.Score]

    package init(_ value: String, rows: Int, isSmall: Bool, scores: [Measurement.Score]) {
      (self.value, self.rows, self.isSmall, self.scores) = (value, rows, isSmall, scores)
    }
  }

  package var column: String
  package var slices: [Slice]
  /// Values that are left out, and their rows.
  package var omitted = 0
  package var omittedRows = 0

  package init(column: String, slices: [Slice]) { (self.column, self.slices) = (column, slices) }
}
