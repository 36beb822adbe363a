import Tables

/// Whether a table's first record names its columns.
enum CSVHeader {
  /// Whether the record that `records` is at looks like a row of data: there are numbers in it, and no word stands over
  /// a number of the next record.
  ///
  /// Numbers that count the columns, or years, are names.
  static func isMissing(_ records: CSVRecords) -> Bool {
    let first = records.cells.indices.map { records.text($0) }
    let numbers = first.map { DecimalFloat.number($0.utf8)?.double }
    guard numbers.contains(where: { $0 != nil }), !count(numbers, of: first) else { return false }
    var next = records
    guard (try? next.next()) == true, next.cells.count == first.count else {
      return first.count > 1 && !numbers.contains { $0 == nil }
    }
    return first.indices.allSatisfy { column in
      numbers[column] != nil || first[column].isEmpty || DecimalFloat.parse(next.text(column).utf8) == nil
    }
  }

  /// Whether the numbers among the cells rise by one from cell to cell, and begin as places or years do.
  private static func count(_ numbers: [Double?], of cells: [String]) -> Bool {
    let found = numbers.compactMap { $0 }
    // Two numbers beside words are as well a row of two features and a label.
    guard found.count > 2 || found.count == cells.count(where: { !$0.isEmpty }),
      !cells.contains(where: { $0.contains(".") }),
      zip(found, found.dropFirst()).allSatisfy({ $1 == $0 + 1 })
    else { return false }
    let start = found[0]
    return start == 0 || start == 1 || (1900...2100).contains(start)
  }
}
