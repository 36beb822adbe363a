/// What one would say without a model: what figures are to be better than.
///
/// Everything in it is taken from training rows; a number stands for all rows.
public enum Baseline: Codable, Equatable, Sendable {
  /// The frequency of each class among training rows, so that the most frequent one is predicted.
  case frequencies([Double])
  /// The mean of the training rows' targets, in their unit.
  case mean(Double)

  /// How reports call it.
  public var name: String {
    switch self {
    case .frequencies: "class frequencies"
    case .mean: "mean"
    }
  }

  /// Of how often training rows have each class, at least one of them any.
  public init(counts: [Int]) {
    let total = counts.reduce(0, +)
    precondition(total > 0, "expected rows, found none")
    self = .frequencies(counts.map { Double($0) / Double(total) })
  }

  /// What it says of rows; nil where they are of another kind.
  public func said(of rows: JudgedRows) -> JudgedRows? {
    switch (self, rows.content) {
    case (.frequencies(let frequencies), .classes(let classes)):
      guard frequencies.count == classes.names.count else { return nil }
      return rows.saying(.classes(classes.sayingForAll(frequencies.map { Float($0) })))
    case (.mean(let mean), .numbers(let numbers)):
      return rows.saying(.numbers(numbers.saying([mean])))
    default: return nil
    }
  }
}

extension JudgedRows {
  /// What the rows would be said to be by the target of the row before each, as those of a series; the first is said to be
  /// `first`, the last target before them. Nil where classes are predicted.
  public func sayingLastValue(first: Double) -> JudgedRows? {
    guard let numbers else { return nil }
    let all = (0..<numbers.count).map { $0 == 0 ? first : numbers.target($0 - 1) }
    return saying(.numbers(numbers.saying(all)))
  }
}
