import Diagnostics
import Files

/// Columns that tell which rows belong together, or which come first, and that a split has cut across: `groups` and `times`
/// of a table.
///
/// Rows of one customer in training and test, or training rows later than those measured on, make a model look better than it
/// will be.
struct CrossedColumns {
  let findings: [String]

  init(_ divided: DividedTable, _ settings: TableSettings) {
    let groups = settings.groupRequests.flatMap { Self.crossedGroups($0, divided) }
    findings = groups + settings.timeRequests.flatMap { Self.crossedTimes($0, divided) }
  }

  /// A line for validation and one for test: how many of the values are those of training rows, with the first of them.
  private static func crossedGroups(_ column: ColumnRequest, _ divided: DividedTable) -> [String] {
    let table = divided.table
    guard case .codes(let codes, let words) = table.columns[column]! else { return [] }
    return codes.withUnsafeBufferPointer { codes in
      // The first row of each word in each part; -1: none.
      var firsts = Part.allCases.map { _ in [Int](repeating: -1, count: words.count) }
      for (row, part) in divided.parts.enumerated() where codes[row] >= 0 {
        let (place, word) = (Int(part.rawValue), Int(codes[row]))
        if firsts[place][word] < 0 { firsts[place][word] = row }
      }
      let training = firsts[Int(Part.train.rawValue)]
      return [Part.validation, .test].compactMap { part in
        let own = firsts[Int(part.rawValue)]
        let crossing = words.indices.filter { own[$0] >= 0 && training[$0] >= 0 }
        guard let first = crossing.min(by: { own[$0] < own[$1] }) else { return nil }
        let all = own.count { $0 >= 0 }
        return
          "\(grouped(crossing.count)) of \(grouped(all)) values of '\(column.name)' in \(part) rows are those of training "
          + "rows: \(table.place(of: own[first])) and \(table.place(of: training[first])) both have '\(words[first].prefix(40))'; "
          + "split by hash of it"
      }
    }
  }

  /// A line for validation and one for test: how many rows are not later than the last training row, with the first of them.
  private static func crossedTimes(_ column: ColumnRequest, _ divided: DividedTable) -> [String] {
    switch divided.table.columns[column]! {
    case .instants(let values): crossed(column, values, divided) { $0 != CodedColumn.missingInstant }
    case .numbers(let values): crossed(column, values, divided) { !$0.isNaN }
    case .codes, .texts, .vectors: []
    }
  }

  private static func crossed<Value: ArrayElement & Comparable>(
    _ column: ColumnRequest, _ values: MappedArray<Value>, _ divided: DividedTable, _ isThere: (Value) -> Bool
  ) -> [String] {
    values.withUnsafeBufferPointer { values in
      var last: Int?
      for (row, part) in divided.parts.enumerated() where part == .train && isThere(values[row]) {
        if last.map({ values[row] > values[$0] }) ?? true { last = row }
      }
      guard let last else { return [] }
      return [Part.validation, .test].compactMap { part in
        var (first, crossing, all): (Int?, Int, Int) = (nil, 0, 0)
        for (row, own) in divided.parts.enumerated() where own == part && isThere(values[row]) {
          all += 1
          guard values[row] <= values[last] else { continue }
          crossing += 1
          if first == nil { first = row }
        }
        guard let first else { return nil }
        return
          "\(grouped(crossing)) of \(grouped(all)) \(part) rows are not later by '\(column.name)' than all training rows: "
          + "\(divided.table.place(of: first)) is not later than \(divided.table.place(of: last)); split by time of it"
      }
    }
  }
}
