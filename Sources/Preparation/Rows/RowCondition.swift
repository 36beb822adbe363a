/// What a filter asks of a row: tests of columns, joined by and, or, not.
indirect enum RowCondition: Sendable {
  case all([RowCondition])
  case any([RowCondition])
  case not(RowCondition)
  /// Of the column at a place among the filter's.
  case test(Int, RowTest)

  /// Whether it holds for each of `count` rows; `columns` are the filter's.
  func holds(_ columns: [CodedColumn], _ count: Int) -> [Bool] {
    switch self {
    case .all(let parts):
      return parts.reduce(into: [Bool](repeating: true, count: count)) { all, part in
        for (row, holds) in part.holds(columns, count).enumerated() where !holds { all[row] = false }
      }
    case .any(let parts):
      return parts.reduce(into: [Bool](repeating: false, count: count)) { any, part in
        for (row, holds) in part.holds(columns, count).enumerated() where holds { any[row] = true }
      }
    case .not(let part): return part.holds(columns, count).map { !$0 }
    case .test(let column, let test): return test.holds(columns[column])
    }
  }

  /// The places of the columns that it looks at.
  var columns: Set<Int> {
    switch self {
    case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.columns) }
    case .not(let part): part.columns
    case .test(let column, _): [column]
    }
  }
}

/// What is asked of one column's value. Where there is none, no comparison holds.
enum RowTest: Sendable {
  case isMissing
  case number(Comparison, Double)
  /// In microseconds since 1970-01-01 00:00 UTC.
  case instant(Comparison, Int64)
  /// In the order of their UTF-8 bytes.
  case text(Comparison, String)

  func holds(_ values: CodedColumn) -> [Bool] {
    switch (self, values) {
    case (.number(let comparison, let bound), .numbers(let numbers)):
      // NaN is unequal to everything, and stands for no number here.
      return numbers.map { !$0.isNaN && comparison.holds($0 < bound, $0 == bound) }
    case (.instant(let comparison, let bound), .instants(let instants)):
      return instants.map { $0 != CodedColumn.missingInstant && comparison.holds($0 < bound, $0 == bound) }
    case (.text(let comparison, let bound), .texts(let texts)):
      return texts.map { text in
        guard let text else { return false }
        return comparison.holds(
          text.utf8.lexicographicallyPrecedes(bound.utf8), text.utf8.elementsEqual(bound.utf8))
      }
    case (.isMissing, _): return (0..<values.count).map(values.isMissing)
    default: preconditionFailure("a filter's column is kept as something else than it is compared with")
    }
  }
}

/// A comparison, as a filter writes it.
enum Comparison: String, Sendable, CaseIterable {
  case equal = "=="
  case unequal = "!="
  case below = "<"
  case atMost = "<="
  case above = ">"
  case atLeast = ">="

  /// Whether it holds between two values of which the first is less, or which are equal, or neither.
  func holds(_ isLess: Bool, _ isEqual: Bool) -> Bool {
    switch self {
    case .equal: isEqual
    case .unequal: !isEqual
    case .below: isLess
    case .atMost: isLess || isEqual
    case .above: !isLess && !isEqual
    case .atLeast: !isLess
    }
  }
}
