import Metrics

/// What a model came to on some rows, beside what is known without it.
package struct Measurement: Sendable {
  /// `test`, `validation`.
  package var part: String
  /// What is predicted, where it is one of several; nil: all, or the only one.
  package var target: String?
  /// Of several targets what was measured of each, in their order; else empty.
  package var targets: [Measurement] = []
  package var rows: Int
  /// What rows are: `rows` of a table, `samples`.
  package var unit = "rows"
  /// By name, in the order of a report, the loss first.
  package var scores: [Score] = []
  /// What each of several outputs scores by itself.
  package var outputs: [(name: String, scores: [Score])] = []
  /// The score that says most.
  package var headline: Score?
  /// What the intervals of scores are by.
  package var intervals = "Wilson's formula"
  package var classes: ClassFacts?
  /// One class against all others; of two classes one alone.
  package var curves: [ClassCurves] = []
  package var reliability: [ReliabilityBin] = []
  /// From which probability on the class that the curves are of is named, and how that was chosen; nil: the more probable one.
  package var threshold: ChosenThreshold?
  /// What decisions cost, where the threshold was chosen by that.
  package var cost: CostFacts?
  /// What was fitted on these very rows: `calibration and threshold`.
  package var fitted: String?
  package var slices: [SliceTable] = []
  /// How much worse a score is where a column's values are shuffled, the most important column first.
  package var importance: [(column: String, figure: ReportedFigure)] = []
  /// The score that is lost, and how many rows were looked at for it.
  package var importanceOf = ""
  package var importanceRows = 0
  package var numbers: NumberFacts?
  /// Scores by file, and how many files, where samples are clips of them; empty where they are not.
  package var fileScores: [Score] = []
  package var files = 0
  /// Rows that were predicted worst and best; nil: they are not told one by one.
  package var examples: ExampleRows?
  /// Why it is not told what columns hold; nil: it is.
  package var unread: String?

  package init(part: String, rows: Int) { (self.part, self.rows) = (part, rows) }

  package struct Score: Sendable {
    package var name: String
    package var figure: ReportedFigure
    /// What the same score is for who guesses without a model, and how.
    package var baseline: (value: Double, how: String)?
    /// Why there is no number.
    package var reason: String?

    package init(_ name: String, _ figure: ReportedFigure, baseline: (value: Double, how: String)? = nil) {
      (self.name, self.figure, self.baseline) = (name, figure, baseline)
    }
  }

  package subscript(score name: String) -> Score? { scores.first { $0.name == name } }

  /// Its scores, and of several targets the main one of each under its name: `accuracy of Status`.
  package var allScores: [Score] {
    scores
      + targets.compactMap { one in
        guard var score = one.main else { return nil }
        score.name += " of \(one.target ?? "")"
        return score
      }
  }

  /// The score that is told first: of numbers one that has the target's unit.
  package var main: Score? { numbers == nil ? headline : self[score: "mean absolute error"] ?? headline }
}

/// How often each class was taken for which, of all pairs that there are.
package struct ClassFacts: Sendable {
  package var names: [String]
  /// Whether rows weigh something, so that what stands here are weights; else it is how many rows there are.
  package private(set) var isWeighted = false
  /// Rows of a class, rows that were given it, rows that rightly were: of those that were added one by one.
  package private(set) var counts: ClassCounts
  /// Rows of each truth and prediction that occur together, by truth · classes + prediction.
  package private(set) var pairs: [Int: Double] = [:]
  private var support: [Double]
  private var predicted: [Double]

  package init(names: [String]) {
    (self.names, counts) = (names, ClassCounts(classes: max(1, names.count)))
    support = [Double](repeating: 0, count: names.count)
    predicted = support
  }

  /// Of what rows weigh, a row a true class and a column a predicted one.
  package init(names: [String], confusion: [[Double]], isWeighted: Bool) {
    self.init(names: names)
    self.isWeighted = isWeighted
    for (truth, row) in confusion.enumerated() {
      for (prediction, weight) in row.enumerated() where weight > 0 { add(weight, truth, prediction) }
    }
  }

  /// Adds a row.
  package mutating func add(truth: Int, prediction: Int) {
    counts.add(truth: truth, prediction: prediction)
    add(1, truth, prediction)
  }

  private mutating func add(_ weight: Double, _ truth: Int, _ prediction: Int) {
    pairs[truth * names.count + prediction, default: 0] += weight
    support[truth] += weight
    predicted[prediction] += weight
  }

  /// What rows of a class weigh.
  package func support(of number: Int) -> Double { support[number] }
  /// What rows weigh that were given it.
  package func predicted(of number: Int) -> Double { predicted[number] }
  /// What rows weigh that rightly were.
  private func right(of number: Int) -> Double { pairs[number * names.count + number] ?? 0 }
  /// Of a class, what was recognised; 0 where no row has it.
  package func recall(of number: Int) -> Double { Self.share(right(of: number), of: support[number]) }
  /// Of what was given a class, what has it; 0 where no row was given it.
  package func precision(of number: Int) -> Double { Self.share(right(of: number), of: predicted[number]) }
  /// The harmonic mean of both.
  package func f1(of number: Int) -> Double {
    Self.share(2 * right(of: number), of: support[number] + predicted[number])
  }

  private static func share(_ part: Double, of whole: Double) -> Double { whole > 0 ? part / whole : 0 }

  /// The class of most rows, the first one where several have as many.
  package var majority: Int { names.indices.max { (support[$0], $1) < (support[$1], $0) } ?? 0 }

  /// Wrong pairs, the most frequent first.
  package var mistakes: [(truth: Int, prediction: Int, weight: Double)] {
    pairs.filter { $0.key / names.count != $0.key % names.count }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ($0.key / names.count, $0.key % names.count, $0.value) }
  }

  /// How many rows that is, or what they weigh, as text.
  package static func amount(_ weight: Double) -> String { ReportedFigure.short(weight) }

  /// Rows that a share is of, for its digits: of weights as many as they come to.
  package static func rows(_ weight: Double) -> Int { Int(min(weight.rounded(), 1e15)) }
}

/// Predictions of numbers beside the truths, in the unit of the target: of the first target, every so many rows.
package struct NumberFacts: Sendable {
  package var name: String
  package var points: [(truth: Double, prediction: Double)]
  package init(name: String, points: [(truth: Double, prediction: Double)]) {
    (self.name, self.points) = (name, points)
  }
}

extension ReportedFigure {
  /// A share of rows with the interval of Wilson (1927) at 95 %: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
  package static func share(_ share: Double, of rows: Int) -> ReportedFigure {
    guard rows > 0, share.isFinite else { return ReportedFigure(share, isShare: true) }
    let (n, z) = (Double(rows), 1.959964)
    let middle = share + z * z / (2 * n)
    let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    let (low, high) = (max(0, (middle - half) / scale), min(1, (middle + half) / scale))
    return ReportedFigure(share, interval: min(low, share)...max(high, share), rows: rows, isShare: true)
  }
}
