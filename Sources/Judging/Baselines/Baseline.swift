/// What one would say without a model: what figures are to be better than.
///
/// But for the last value, everything in it is taken from training rows, and one number or one frequency a class stands for all
/// rows.
public enum Baseline: Codable, Equatable, Sendable {
  /// The frequency of each class among training rows, so that the most frequent one is predicted.
  case frequencies([Double])
  /// The mean of the training rows' targets, in their unit.
  case mean(Double)
  /// What a column of each row says: a naive forecast, such as the value of the month before.
  case lastValue(column: String)

  /// How reports call it.
  public var name: String {
    switch self {
    case .frequencies: "class frequencies"
    case .mean: "mean"
    case .lastValue: "last value"
    }
  }

  /// Of how often training rows have each class, at least one of them any.
  public init(counts: [Int]) {
    let total = counts.reduce(0, +)
    precondition(total > 0, "expected rows, found none")
    self = .frequencies(counts.map { Double($0) / Double(total) })
  }

  /// What it says of rows; nil where they are of another kind, or lack a last value.
  public func said(of rows: JudgedRows) -> JudgedRows? {
    switch (self, rows.content) {
    case (.frequencies(let frequencies), .classes(let classes)):
      guard frequencies.count == classes.names.count else { return nil }
      return rows.saying(.classes(classes.sayingForAll(frequencies.map { Float($0) })))
    case (.mean(let mean), .numbers(let numbers)):
      return rows.saying(.numbers(numbers.saying([mean])))
    case (.lastValue(let column), .numbers(let numbers)):
      guard case .numbers(let values)? = rows.columns[column], values.elements.allSatisfy(\.isFinite) else {
        return nil
      }
      return rows.saying(.numbers(numbers.saying(values.elements.map(Double.init))))
    default: return nil
    }
  }
}
