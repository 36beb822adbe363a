import Files
import Tables

/// The usable rows of a table, column by column, in files that are mapped into memory.
///
/// Rows are in the order of the sources, and in each of them in its own order.
package final class CollectedTable: Sendable {
  /// One column.
  package enum Values: Sendable {
    case numbers(MappedArray<Double>)
    case codes(MappedArray<Int32>, words: [String])
    case texts(MappedTexts)
    case instants(MappedArray<Int64>)
    /// `width` numbers a row, row-major.
    case vectors(MappedArray<Double>, width: Int)
  }

  /// How many rows.
  package let count: Int
  package let columns: [ColumnRequest: Values]
  /// What was read, in this order.
  package let sources: [String]
  /// The first row of each source, and behind them `count`.
  package let starts: [Int]
  /// The line or number of each row in its source, from 1.
  package let numbers: MappedArray<Int64>

  package init(
    count: Int, columns: [ColumnRequest: Values], sources: [String], starts: [Int], numbers: MappedArray<Int64>
  ) {
    (self.count, self.columns, self.sources, self.starts, self.numbers) = (count, columns, sources, starts, numbers)
  }

  /// `credit.csv:17`
  package func place(of row: Int) -> String {
    let source = (starts.firstIndex { $0 > row } ?? starts.count) - 1
    return "\(sources[source]):\(numbers[row])"
  }

  /// A copy of a column's values for some rows.
  package func values(of column: ColumnRequest, _ rows: [Int]) -> CodedColumn {
    switch columns[column]! {
    case .numbers(let values): .numbers(rows.map { values[$0] })
    case .codes(let values, _): .codes(rows.map { values[$0] })
    case .texts(let values): .texts(rows.map { values[$0] })
    case .instants(let values): .instants(rows.map { values[$0] })
    case .vectors(let values, let width):
      .vectors(
        VectorRows(
          rows.flatMap { row in (row * width..<(row + 1) * width).map { values[$0] } }, width: width, count: rows.count)
      )
    }
  }

  /// A copy of a column's values for rows that follow each other.
  package func values(of column: ColumnRequest, _ rows: Range<Int>) -> CodedColumn {
    switch columns[column]! {
    case .numbers(let values): .numbers(values.array(rows))
    case .codes(let values, _): .codes(values.array(rows))
    case .texts(let values): .texts(rows.map { values[$0] })
    case .instants(let values): .instants(values.array(rows))
    case .vectors(let values, let width):
      .vectors(
        VectorRows(
          values.array(rows.lowerBound * width..<rows.upperBound * width), width: width, count: rows.count))
    }
  }

  /// The words of a column of them.
  package func words(of column: ColumnRequest) -> [String] {
    if case .codes(_, let words) = columns[column]! { words } else { [] }
  }
}
