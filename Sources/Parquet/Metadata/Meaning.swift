import Tables

/// What the stored values of a column become.
enum Meaning: Equatable {
  /// - isDeclared: the file says that they are UTF-8; elsewhere each is checked.
  case text(isDeclared: Bool)
  /// 16 bytes, as text of 36 characters.
  case uuid
  case double, float, half
  /// A whole number divided by ten to the power of `scale`: the nearest double.
  case decimal(scale: Int)
  case int32, uint32, int64, uint64
  case boolean
  /// Days since 1970.
  case day
  /// 64 bits since 1970, in microseconds once they are multiplied, or divided.
  case instant(times: Int64, per: Int64)
  /// Nanoseconds of a Julian day.
  case julianInstant

  /// What the column holds, for those who read it.
  var type: RawType {
    switch self {
    case .text, .uuid: .text
    case .double, .float, .half, .decimal: .number
    case .int32, .uint32, .int64, .uint64: .integer
    case .boolean: .boolean
    case .day: .day
    case .instant, .julianInstant: .instant
    }
  }

  /// What values of a physical type mean; throws a `Fault` where they are nothing that a table has.
  init(_ type: PhysicalType, length: Int, _ annotation: SchemaElement.Annotation?) throws {
    switch (type, annotation) {
    case (_, nil), (_, .unknown): self = try Self.plain(type)
    case (.bytes, .string), (.bytes, .enumeration), (.bytes, .json): self = .text(isDeclared: true)
    case (.fixedBytes, .uuid) where length == 16: self = .uuid
    case (.fixedBytes, .float16) where length == 2: self = .half
    case (.int32, .decimal(let scale)), (.int64, .decimal(let scale)), (.bytes, .decimal(let scale)),
      (.fixedBytes, .decimal(let scale)):
      guard 0...DecimalNumber.largestScale ~= scale else {
        throw Fault(
          "expected a decimal with 0 to \(DecimalNumber.largestScale) digits behind the point, found \(scale)")
      }
      self = .decimal(scale: scale)
    case (.int32, .date): self = .day
    case (.int32, .time(.milliseconds)): self = .int32
    case (.int64, .time(.microseconds)), (.int64, .time(.nanoseconds)): self = .int64
    case (.int64, .timestamp(.milliseconds)): self = .instant(times: 1000, per: 1)
    case (.int64, .timestamp(.microseconds)): self = .instant(times: 1, per: 1)
    case (.int64, .timestamp(.nanoseconds)): self = .instant(times: 1, per: 1000)
    case (.int32, .integer(let bits, let isSigned)) where [8, 16, 32].contains(bits):
      self = isSigned ? .int32 : .uint32
    case (.int64, .integer(64, let isSigned)): self = isSigned ? .int64 : .uint64
    case (_, .some(let annotation)):
      throw Fault(
        "expected numbers, texts, truths or times, found \(type.word) as \(Self.word(annotation))", cure: Self.cure)
    }
  }

  static let cure = "leave it out of the columns, or write it as one of those"

  private static func plain(_ type: PhysicalType) throws -> Meaning {
    switch type {
    case .boolean: .boolean
    case .int32: .int32
    case .int64: .int64
    case .int96: .julianInstant
    case .float: .float
    case .double: .double
    case .bytes, .fixedBytes: .text(isDeclared: false)
    }
  }

  private static func word(_ annotation: SchemaElement.Annotation) -> String {
    switch annotation {
    case .string: "STRING"
    case .list: "LIST"
    case .map: "MAP"
    case .enumeration: "ENUM"
    case .json: "JSON"
    case .bson: "BSON"
    case .uuid: "UUID"
    case .date: "DATE"
    case .float16: "FLOAT16"
    case .interval: "INTERVAL"
    case .unknown: "UNKNOWN"
    case .decimal: "DECIMAL"
    case .time: "TIME"
    case .timestamp: "TIMESTAMP"
    case .integer(let bits, let isSigned): "\(isSigned ? "" : "U")INT\(bits)"
    case .other(16): "VARIANT"
    case .other(17): "GEOMETRY"
    case .other(18): "GEOGRAPHY"
    case .other(let number): "logical type \(number)"
    }
  }
}
