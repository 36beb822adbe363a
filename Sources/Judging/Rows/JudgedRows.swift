import Diagnostics

/// Rows that a model is judged by: what it said of each, what is true, and what each weighs.
///
/// ```swift
/// let rows = try JudgedRows(JudgedClasses(names: ["good", "bad"], probabilities: p, targets: t))
/// ```
/// Their order is that of the data, which does not depend on who computed them.
public struct JudgedRows: Sendable {
  /// What is predicted of a row.
  public enum Content: Sendable {
    case classes(JudgedClasses)
    case numbers(JudgedNumbers)
  }

  public let content: Content
  /// One a row of the content, at least 0; nil where all weigh the same.
  public let weights: RowNumbers<Double>?
  /// Columns of the content's rows that figures are taken by or stand beside, by name; mostly none.
  public private(set) var columns: [String: JudgedColumn] = [:]
  /// What is true of training rows; nil where nothing is known of them.
  public private(set) var training: TrainingTruth?
  /// Places in the content, where only some of its rows are meant.
  private let selection: RowNumbers<Int32>?
  /// How many rows.
  public let count: Int

  /// All rows of classes. Throws bad data (65) where a probability is no number, naming the row.
  public init(_ classes: JudgedClasses, weights: RowNumbers<Double>? = nil) throws {
    try classes.check()
    try self.init(.classes(classes), weights, count: classes.count)
  }

  /// All rows of numbers. Throws bad data (65) where one is not finite, naming the row.
  public init(_ numbers: JudgedNumbers, weights: RowNumbers<Double>? = nil) throws {
    try numbers.check()
    try self.init(.numbers(numbers), weights, count: numbers.count)
  }

  private init(_ content: Content, _ weights: RowNumbers<Double>?, count: Int) throws {
    guard count > 0 else {
      throw Failure(.badData, "expected rows to judge a model by, found none", cure: "give it some with targets")
    }
    guard weights?.count ?? count == count, count < Int(Int32.max) else {
      throw Failure(.badData, "expected a weight for each of \(count) rows, found \(weights?.count ?? 0)")
    }
    if let row = weights?.elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw Failure(.badData, at: "row \(row + 1)", "expected a weight of at least 0, found \(weights![row])")
    }
    (self.content, self.weights, self.count, selection) = (content, weights, count, nil)
  }

  private init(_ rows: JudgedRows, _ selection: RowNumbers<Int32>) {
    (content, weights, count, self.selection) = (rows.content, rows.weights, selection.count, selection)
    (columns, training) = (rows.columns, rows.training)
  }

  private init(_ rows: JudgedRows, _ content: Content) {
    (self.content, weights, count, selection) = (content, rows.weights, rows.count, rows.selection)
    (columns, training) = (rows.columns, rows.training)
  }

  /// Some of these rows, by their places among them; what they hold is shared.
  public func selecting(_ places: [Int32]) -> JudgedRows {
    JudgedRows(self, RowNumbers(selection.map { own in places.map { own[Int($0)] } } ?? places))
  }

  /// The same rows with columns, as many values as the content has rows, and with what is true of training rows.
  public func with(columns: [String: JudgedColumn], training: TrainingTruth?) -> JudgedRows {
    let count =
      switch content {
      case .classes(let classes): classes.count
      case .numbers(let numbers): numbers.count
      }
    precondition(columns.values.allSatisfy { $0.count == count }, "expected columns of \(count) rows")
    var other = self
    (other.columns, other.training) = (columns, training)
    return other
  }

  /// The same rows, of which something else was said.
  package func saying(_ content: Content) -> JudgedRows { JudgedRows(self, content) }

  /// Where a row stands in the content.
  @inline(__always)
  package func row(_ place: Int) -> Int { selection.map { Int($0[place]) } ?? place }

  /// What each row weighs, in their order; nil where all weigh the same.
  package var ownWeights: RowNumbers<Double>? {
    guard let weights, let selection else { return weights }
    return RowNumbers(selection.elements.map { weights[Int($0)] })
  }

  /// Those of classes; nil where numbers are predicted.
  package var classes: JudgedClasses? { if case .classes(let classes) = content { classes } else { nil } }
  /// Those of numbers; nil where classes are predicted.
  package var numbers: JudgedNumbers? { if case .numbers(let numbers) = content { numbers } else { nil } }
}
