/// A node of the tree that a file's columns are: a column, or a group of them.
///
/// Source: `SchemaElement` and `LogicalType` of
/// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
struct SchemaElement {
  /// How values repeat in what they lie in.
  enum Repetition: Int { case required, optional, repeated }

  /// What values mean, in the words of the format: `LogicalType`, and the older `ConvertedType`.
  enum Annotation: Equatable {
    case string, list, map, enumeration, json, bson, uuid, date, float16, interval, unknown
    case decimal(scale: Int)
    case time(TimeUnit)
    case timestamp(TimeUnit)
    case integer(bits: Int, isSigned: Bool)
    /// One that is newer than this reader, by its number.
    case other(Int)
  }

  enum TimeUnit: Int { case milliseconds = 1, microseconds, nanoseconds }

  var name = ""
  /// As `PhysicalType` numbers it; nil for a group.
  var type: Int?
  /// Bytes of a value of fixed length.
  var length = 0
  var repetition = Repetition.required
  /// Of a group.
  var children = 0
  var annotation: Annotation?

  init(_ thrift: ThriftReader) throws {
    var (converted, scale, logical) = (-1, 0, Annotation?.none)
    try thrift.fields { id, kind in
      switch id {
      case 1: type = try thrift.int(kind)
      case 2: length = try thrift.int(kind)
      case 3:
        let number = try thrift.int(kind)
        guard let found = Repetition(rawValue: number) else {
          throw Fault("expected a repetition from 0 to 2 of each column, found \(number)")
        }
        repetition = found
      case 4: name = try thrift.text(kind)
      case 5: children = try thrift.int(kind)
      case 6: converted = try thrift.int(kind)
      case 7: scale = try thrift.int(kind)
      case 10: logical = try Self.logicalType(thrift, kind)
      default: try thrift.skip(kind)
      }
    }
    guard children >= 0, length >= 0 else { throw Fault("expected columns, found \(min(children, length)) of them") }
    annotation = logical ?? Self.annotation(converted, scale)
  }

  private static func annotation(_ converted: Int, _ scale: Int) -> Annotation? {
    switch converted {
    case 0: .string
    case 1, 2: .map
    case 3: .list
    case 4: .enumeration
    case 5: .decimal(scale: scale)
    case 6: .date
    case 7: .time(.milliseconds)
    case 8: .time(.microseconds)
    case 9: .timestamp(.milliseconds)
    case 10: .timestamp(.microseconds)
    case 11...14: .integer(bits: 8 << (converted - 11), isSigned: false)
    case 15...18: .integer(bits: 8 << (converted - 15), isSigned: true)
    case 19: .json
    case 20: .bson
    case 21: .interval
    default: nil
    }
  }

  /// A union: a structure of which one field is there.
  private static func logicalType(_ thrift: ThriftReader, _ kind: ThriftReader.Kind) throws -> Annotation? {
    guard kind == .structure else { throw Fault("expected a logical type, found another type of Thrift") }
    var found: Annotation?
    try thrift.fields { id, kind in
      switch id {
      case 5: found = .decimal(scale: try integers(thrift, kind)[1] ?? 0)
      case 7: found = .time(try unit(thrift, kind))
      case 8: found = .timestamp(try unit(thrift, kind))
      case 10: found = try integer(thrift, kind)
      default:
        let plain: [Int: Annotation] = [
          1: .string, 2: .map, 3: .list, 4: .enumeration, 6: .date, 11: .unknown, 12: .json, 13: .bson, 14: .uuid,
          15: .float16,
        ]
        found = plain[id] ?? .other(id)
        try thrift.skip(kind)
      }
    }
    return found
  }

  /// The whole numbers among the fields of a structure.
  private static func integers(_ thrift: ThriftReader, _ kind: ThriftReader.Kind) throws -> [Int: Int] {
    guard kind == .structure else { throw Fault("expected a logical type, found another type of Thrift") }
    var found: [Int: Int] = [:]
    try thrift.fields { id, kind in
      switch kind {
      case .byte, .int16, .int32, .int64: found[id] = try thrift.int(kind)
      case .yes, .no: found[id] = try thrift.bool(kind) ? 1 : 0
      default: try thrift.skip(kind)
      }
    }
    return found
  }

  private static func integer(_ thrift: ThriftReader, _ kind: ThriftReader.Kind) throws -> Annotation {
    let fields = try integers(thrift, kind)
    guard let bits = fields[1], let isSigned = fields[2] else {
      throw Fault("expected the width of a whole number, found none")
    }
    return .integer(bits: bits, isSigned: isSigned == 1)
  }

  /// The unit of a time or a timestamp: the second field, a union of empty structures.
  private static func unit(_ thrift: ThriftReader, _ kind: ThriftReader.Kind) throws -> TimeUnit {
    guard kind == .structure else { throw Fault("expected a logical type, found another type of Thrift") }
    var found: TimeUnit?
    try thrift.fields { id, kind in
      guard id == 2, kind == .structure else { return try thrift.skip(kind) }
      try thrift.fields { id, kind in
        found = TimeUnit(rawValue: id)
        try thrift.skip(kind)
      }
    }
    guard let found else { throw Fault("expected a unit of time that is known, found none") }
    return found
  }
}
