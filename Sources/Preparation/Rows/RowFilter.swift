/// Which rows are used, as an expression tells: `Age >= 18 and Status != 'void'`.
package struct RowFilter: Sendable {
  /// A column that it looks at, and where it is named first: the number of a character, from 1.
  package struct Column: Sendable {
    package let request: ColumnRequest
    let place: Int
  }

  /// As it was written.
  let text: String
  private let columns: [Column]
  /// Those that must hold, all of them.
  private var parts: [RowCondition]

  /// - Parameter declared: what a column's values are kept as where something is made of them: numbers and dates can be
  ///   compared with nothing else. Nil: nothing is made of the column, and what it is compared with decides.
  package init(_ text: String, declared: @escaping (String) -> ColumnStorage?) throws(FilterFault) {
    var parser = try FilterParser(text, declared: declared)
    let condition = try parser.condition()
    self.text = text
    if case .all(let all) = condition { parts = all } else { parts = [condition] }
    columns = parser.columns
  }

  /// Without the parts that name a column which is not known; nil where nothing is left.
  func without(_ unknown: [String]) -> RowFilter? {
    var other = self
    other.parts = parts.filter { part in !part.columns.contains { unknown.contains(columns[$0].request.name) } }
    return other.parts.isEmpty ? nil : other
  }

  /// The columns that it looks at, each with its place among all that are named.
  package var used: [(place: Int, column: Column)] {
    let places = parts.reduce(into: Set<Int>()) { $0.formUnion($1.columns) }
    return places.sorted().map { ($0, columns[$0]) }
  }

  /// Whether it holds for each of `count` rows; `values` are those of `used`.
  package func holds(_ values: [CodedColumn], _ count: Int) -> [Bool] {
    // What is not used is not looked at.
    var all = [CodedColumn](repeating: .numbers([]), count: columns.count)
    for ((place, _), values) in zip(used, values) { all[place] = values }
    return RowCondition.all(parts).holds(all, count)
  }
}
