#if ExternalTables
  import Tables

  /// A type of PostgreSQL, and how its values come in binary.
  enum PostgreSQLType: Equatable {
    case boolean, int2, int4, int8, float4, float8, numeric, text, paddedText, uuid, date, timestamp

    /// Of the number that it has in the catalogue; nil where it is another type.
    init?(_ number: UInt32) {
      switch number {
      case 16: self = .boolean
      case 20: self = .int8
      case 21: self = .int2
      case 23: self = .int4
      // "char", name, text, unknown, varchar.
      case 18, 19, 25, 705, 1043: self = .text
      case 700: self = .float4
      case 701: self = .float8
      case 1042: self = .paddedText
      case 1082: self = .date
      // Without a time zone, which is taken for UTC, and with one.
      case 1114, 1184: self = .timestamp
      case 1700: self = .numeric
      case 2950: self = .uuid
      default: return nil
      }
    }

    var raw: RawType {
      switch self {
      case .boolean: .boolean
      case .int2, .int4, .int8: .integer
      case .float4, .float8, .numeric: .number
      case .text, .paddedText, .uuid: .text
      case .date: .day
      case .timestamp: .instant
      }
    }

    /// Whether its order would else be that of the database's language.
    var isCollated: Bool { self == .text || self == .paddedText }

    /// Bytes of a value; nil where values differ.
    private var width: Int? {
      switch self {
      case .boolean: 1
      case .int2: 2
      case .int4, .float4, .date: 4
      case .int8, .float8, .timestamp: 8
      case .uuid: 16
      case .numeric, .text, .paddedText: nil
      }
    }

    /// What bytes stand for; nil where they are no value of this type.
    func value(_ bytes: PostgreSQLBytes) -> PostgreSQLValue? {
      guard width.map({ $0 == bytes.count }) ?? true else { return nil }
      switch self {
      case .boolean: return .boolean(bytes[0] != 0)
      case .int2: return .integer(Int64(Int16(truncatingIfNeeded: bytes.bigEndian(2))))
      case .int4: return .integer(Int64(Int32(truncatingIfNeeded: bytes.bigEndian(4))))
      case .int8: return .integer(Int64(bitPattern: bytes.bigEndian(8)))
      case .float4: return .number(Double(Float(bitPattern: UInt32(bytes.bigEndian(4)))))
      case .float8: return .number(Double(bitPattern: bytes.bigEndian(8)))
      case .numeric: return PostgreSQLNumeric(bytes).map { .number($0.double) }
      case .text: return .text(Array(bytes.rest))
      case .paddedText:
        // Spaces at the end of a char(n) are filling.
        return .text(
          Array(bytes.rest[..<(bytes.rest.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? bytes.rest.startIndex)]))
      case .uuid: return .text(Self.uuid(bytes.rest))
      case .date: return Self.day(Int32(truncatingIfNeeded: bytes.bigEndian(4)))
      case .timestamp: return Self.instant(Int64(bitPattern: bytes.bigEndian(8)))
      }
    }

    /// Bytes that are the same for values that PostgreSQL finds equal.
    func identity(_ bytes: PostgreSQLBytes) -> [UInt8] {
      switch (self, value(bytes)) {
      // Behind the first six bytes is how many digits are shown behind the point.
      case (.numeric, _): Array(bytes.rest.prefix(6)) + Array(bytes.rest.dropFirst(8))
      case (.float4, .number(0)), (.float8, .number(0)): []
      case (.paddedText, .text(let text)): text
      default: Array(bytes.rest)
      }
    }

    /// PostgreSQL counts from 2000, and keeps the ends of the range for what is infinite.
    private static func day(_ days: Int32) -> PostgreSQLValue {
      let (sum, isTooLarge) = days.addingReportingOverflow(10_957)
      return days == .min || days == .max || isTooLarge ? .infinite(days < 0) : .day(sum)
    }

    private static func instant(_ microseconds: Int64) -> PostgreSQLValue {
      let (sum, isTooLarge) = microseconds.addingReportingOverflow(946_684_800_000_000)
      return microseconds == .min || microseconds == .max || isTooLarge ? .infinite(microseconds < 0) : .instant(sum)
    }

    private static func uuid(_ bytes: some Sequence<UInt8>) -> [UInt8] {
      let digits = Array("0123456789abcdef".utf8)
      var text: [UInt8] = []
      for (place, byte) in bytes.enumerated() {
        if [4, 6, 8, 10].contains(place) { text.append(UInt8(ascii: "-")) }
        text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
      return text
    }
  }

  /// A value that came.
  enum PostgreSQLValue {
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text([UInt8])
    case day(Int32)
    case instant(Int64)
    /// A day or an instant that never comes, or never was.
    case infinite(Bool)

    /// Appends it; returns what is wrong with it where it has no place in a column.
    func append(to rows: inout RawColumnBuilder) -> String? {
      switch self {
      case .boolean(let value): rows.append(boolean: value)
      case .integer(let value), .instant(let value): rows.append(integer: value)
      case .number(let value): rows.append(number: value)
      case .text(let bytes):
        // A database without an encoding holds any bytes.
        guard bytes.withUnsafeBufferPointer(isUTF8) else {
          rows.appendMissing()
          return "expected UTF-8, found other bytes"
        }
        rows.append(text: bytes)
      case .day(let value): rows.append(day: value)
      case .infinite(let isNegative):
        rows.appendMissing()
        return "expected a time, found \(isNegative ? "-" : "")infinity"
      }
      return nil
    }
  }
#endif
