import Tables

/// A column that is written: its name, and what its values are.
package struct ParquetColumn: Sendable, Equatable {
  package enum Kind: Sendable {
    case double, float, integer, boolean, text
    /// Microseconds since 1970, UTC.
    case instant
    /// Days since 1970.
    case day
  }

  package let name: String
  package let kind: Kind

  package init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }

  /// Some rows of a column, which hold anything where they are missing.
  package enum Values: Sendable {
    case doubles([Double])
    case floats([Float])
    case integers([Int64])
    case booleans([Bool])
    case texts(TextCells)
    case instants([Int64])
    case days([Int32])

    var count: Int {
      switch self {
      case .doubles(let values): values.count
      case .floats(let values): values.count
      case .integers(let values), .instants(let values): values.count
      case .booleans(let values): values.count
      case .texts(let values): values.count
      case .days(let values): values.count
      }
    }

    var kind: Kind {
      switch self {
      case .doubles: .double
      case .floats: .float
      case .integers: .integer
      case .booleans: .boolean
      case .texts: .text
      case .instants: .instant
      case .days: .day
      }
    }
  }

  var physical: PhysicalType {
    switch kind {
    case .double: .double
    case .float: .float
    case .integer, .instant: .int64
    case .boolean: .boolean
    case .text: .bytes
    case .day: .int32
    }
  }

  /// A node of the schema: see `SchemaElement`.
  func write(to thrift: inout ThriftWriter) {
    thrift.int32(1, physical.rawValue)
    thrift.int32(3, SchemaElement.Repetition.optional.rawValue)
    thrift.text(4, name)
    // The older words for it, and then the newer ones.
    switch kind {
    case .double, .float, .integer, .boolean: break
    case .text:
      thrift.int32(6, 0)
      thrift.structure(10) { $0.structure(1) { _ in } }
    case .instant:
      thrift.int32(6, 10)
      thrift.structure(10) { logical in
        logical.structure(8) { timestamp in
          timestamp.bool(1, true)
          timestamp.structure(2) { $0.structure(SchemaElement.TimeUnit.microseconds.rawValue) { _ in } }
        }
      }
    case .day:
      thrift.int32(6, 6)
      thrift.structure(10) { $0.structure(6) { _ in } }
    }
  }
}
