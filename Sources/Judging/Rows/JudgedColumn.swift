/// A column of judged rows beside what is predicted and true of them: by which figures are taken, or a forecast that they stand
/// beside.
public enum JudgedColumn: Sendable {
  /// Places in a list of distinct words, one a row; below 0 where there is none.
  case words(RowNumbers<Int32>, [String])
  /// One a row; NaN where there is none.
  case numbers(RowNumbers<Float>)

  public var count: Int {
    switch self {
    case .words(let codes, _): codes.count
    case .numbers(let numbers): numbers.count
    }
  }
}

/// What is true of the rows that a model was trained on, for figures that look at them: the scale of a series' errors, or the
/// items that a user knows.
public struct TrainingTruth: Sendable {
  /// One a row.
  public enum Targets: Sendable {
    case classes(RowNumbers<Int32>)
    case numbers(RowNumbers<Double>)
  }

  public let targets: Targets
  /// By name, as many rows as targets.
  public let columns: [String: JudgedColumn]

  public init(_ targets: Targets, columns: [String: JudgedColumn]) { (self.targets, self.columns) = (targets, columns) }
}

extension JudgedRows {
  /// A column of words, or why there is none.
  func words(of column: String) throws(Undefined) -> (codes: RowNumbers<Int32>, words: [String]) {
    guard case .words(let codes, let words)? = columns[column] else {
      throw Undefined("the rows have no column \(column)")
    }
    return (codes, words)
  }

  /// A column of numbers, or why there is none.
  func numbers(of column: String) throws(Undefined) -> RowNumbers<Float> {
    guard case .numbers(let numbers)? = columns[column] else { throw Undefined("the rows have no column \(column)") }
    return numbers
  }

  /// What is true of training rows, or why that is not known.
  func trainingTruth() throws(Undefined) -> TrainingTruth {
    guard let training else { throw Undefined("the training rows are not there to be looked at") }
    return training
  }
}

extension TrainingTruth {
  /// For each training row its place in another list of words, that of the rows that are judged; below 0 where its word is none
  /// of these.
  func codes(of column: String, among words: [String]) throws(Undefined) -> [Int32] {
    guard case .words(let codes, let own)? = columns[column] else {
      throw Undefined("the training rows have no column \(column)")
    }
    // By their bytes: two that look alike are two.
    var places: [[UInt8]: Int32] = [:]
    for (place, word) in words.enumerated() { places[Array(word.utf8)] = Int32(place) }
    let map = own.map { places[Array($0.utf8)] ?? -1 }
    return codes.elements.map { $0 < 0 ? -1 : map[Int($0)] }
  }
}
