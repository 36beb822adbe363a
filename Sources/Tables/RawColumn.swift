/// Some rows of one column, as a file or a database has them: before it is decided what they mean.
public struct RawColumn: Sendable {
  /// What a row holds. Rows that are missing hold anything.
  public enum Values: Sendable {
    case texts(TextCells)
    case numbers([Double])
    case integers([Int64])
    case booleans([Bool])
    /// Microseconds since 1970-01-01 00:00 UTC, in the proleptic Gregorian calendar.
    case instants([Int64])
    /// Days since 1970-01-01, in the proleptic Gregorian calendar.
    case days([Int32])
    /// `width` numbers a row, row-major.
    case vectors([Double], width: Int)

    /// How many rows.
    public var count: Int {
      switch self {
      case .texts(let cells): cells.count
      case .numbers(let values): values.count
      case .integers(let values): values.count
      case .booleans(let values): values.count
      case .instants(let values): values.count
      case .days(let values): values.count
      case .vectors(let values, let width): values.count / width
      }
    }
  }

  public let values: Values
  /// For each row whether there is nothing in it; empty: there is something in all of them.
  public let isMissing: [Bool]

  /// `isMissing` is empty, or has as many rows as `values`.
  public init(_ values: Values, isMissing: [Bool] = []) {
    precondition(isMissing.isEmpty || isMissing.count == values.count, "\(isMissing.count) of \(values.count) rows")
    (self.values, self.isMissing) = (values, isMissing)
  }
}

/// What a column of a file or a database holds, where that says so.
public enum RawType: String, Sendable, Equatable {
  /// A text; what it spells is to be found out, where the format knows no other types.
  case text, number, integer, boolean, instant, day, vector
}

/// A column of a file or a database.
public struct RawField: Sendable, Equatable {
  public let name: String
  public let type: RawType

  public init(_ name: String, _ type: RawType) { (self.name, self.type) = (name, type) }
}
