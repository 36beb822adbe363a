import Files
import Tables

/// What a column's values are kept as before they become features.
public enum ColumnStorage: Hashable, Sendable {
  /// Doubles; NaN where there is none.
  case numbers
  /// Texts, as places in a list of distinct ones.
  case words
  /// Texts, each of them whole.
  case texts
  /// Points in time, which texts tell in a format.
  case instants(DateFormat)
  /// Doubles, as many in each row.
  case vectors
}

/// Values of one column for some rows.
package enum CodedColumn: Sendable {
  /// NaN where there is none.
  case numbers([Double])
  /// Places in a list of words; see `Code`.
  case codes([Int32])
  /// nil where there is none.
  case texts([String?])
  /// Microseconds since 1970-01-01 00:00 UTC; `missingInstant` where there is none.
  case instants([Int64])
  case vectors(VectorRows)

  package static let missingInstant = Int64.min

  package var count: Int {
    switch self {
    case .numbers(let values): values.count
    case .codes(let values): values.count
    case .texts(let values): values.count
    case .instants(let values): values.count
    case .vectors(let rows): rows.count
    }
  }

  /// The rows for which `keeps` is true.
  package func filtered(_ keeps: [Bool]) -> CodedColumn {
    func kept<Value>(_ values: [Value]) -> [Value] { zip(values, keeps).compactMap { $1 ? $0 : nil } }
    return switch self {
    case .numbers(let values): .numbers(kept(values))
    case .codes(let values): .codes(kept(values))
    case .texts(let values): .texts(zip(values, keeps).filter { $1 }.map { $0.0 })
    case .instants(let values): .instants(kept(values))
    case .vectors(let rows): .vectors(rows.filtered(keeps))
    }
  }

  /// These and behind them others of the same kind, numbers or codes.
  package func appending(_ other: CodedColumn) -> CodedColumn {
    switch (self, other) {
    case (.numbers(let own), .numbers(let others)): .numbers(own + others)
    case (.codes(let own), .codes(let others)): .codes(own + others)
    default: preconditionFailure("expected numbers or codes twice")
    }
  }

  /// Whether there is a value in a row.
  package func isMissing(_ row: Int) -> Bool {
    switch self {
    case .numbers(let values): values[row].isNaN
    case .codes(let values): values[row] == Code.missing
    case .texts(let values): values[row] == nil
    case .instants(let values): values[row] == Self.missingInstant
    case .vectors(let rows): rows.isMissing(row)
    }
  }
}

/// Places in a list of words that are none.
package enum Code {
  package static let missing: Int32 = -1
  /// A word that is not in the list.
  package static let unknown: Int32 = -2
}
