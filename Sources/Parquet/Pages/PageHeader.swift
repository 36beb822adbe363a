/// What stands before the bytes of a page.
///
/// Source: `PageHeader` of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
struct PageHeader {
  enum Kind: Equatable {
    case dictionary
    /// - levels: how it is told which values are missing.
    case data(levels: Encoding)
    /// - levels: bytes that tell which values are missing, and before them those of lists.
    case data2(lists: Int, levels: Int, isPacked: Bool, missing: Int)
    /// An index, or what is newer than this reader: passed over.
    case other
  }

  var kind = Kind.other
  /// Bytes that follow, as they lie in the file, and unpacked.
  var packed = -1
  var unpacked = -1
  /// A check of the bytes as they lie in the file (CRC-32), where there is one.
  var checksum: UInt32?
  /// Values, missing ones included.
  var count = -1
  var encoding = Encoding.plain

  /// Reads it; throws a `Fault` where it lacks something, and `ThriftReader.CutOff`.
  init(_ thrift: ThriftReader) throws {
    var type = -1
    var data: Fields?, dictionary: Fields?, data2: Fields?
    try thrift.fields { id, kind in
      switch id {
      case 1: type = try thrift.int(kind)
      case 2: unpacked = try thrift.int(kind)
      case 3: packed = try thrift.int(kind)
      case 4: checksum = UInt32(truncatingIfNeeded: try thrift.int(kind))
      case 5: data = try Fields(thrift, kind)
      case 7: dictionary = try Fields(thrift, kind)
      case 8: data2 = try Fields(thrift, kind)
      default: try thrift.skip(kind)
      }
    }
    // Sizes have 32 bits.
    guard 0...Int(Int32.max) ~= packed, 0...Int(Int32.max) ~= unpacked else {
      throw Fault("expected the sizes of a page, found \(packed) bytes packed and \(unpacked) unpacked")
    }
    // As they are numbered: data, index, dictionary, data of version 2.
    switch type {
    case 0: try readData(data)
    case 2:
      kind = .dictionary
      (count, encoding) = (try Fields.count(dictionary), try Encoding(number: dictionary?.numbers[2] ?? -1))
    case 3: try readData2(data2)
    default: kind = .other
    }
  }

  private mutating func readData(_ fields: Fields?) throws {
    (count, encoding) = (try Fields.count(fields), try Encoding(number: fields?.numbers[2] ?? -1))
    kind = .data(levels: try Encoding(number: fields?.numbers[3] ?? Encoding.runLength.rawValue))
  }

  private mutating func readData2(_ fields: Fields?) throws {
    (count, encoding) = (try Fields.count(fields), try Encoding(number: fields?.numbers[4] ?? -1))
    let (missing, rows) = (fields?.numbers[2] ?? -1, fields?.numbers[3] ?? count)
    let (levels, lists) = (fields?.numbers[5] ?? -1, fields?.numbers[6] ?? -1)
    guard 0...count ~= missing, rows == count, levels >= 0, lists >= 0, levels + lists <= min(packed, unpacked) else {
      throw Fault(
        "expected sizes of a page that agree, found \(count) values, \(missing) of them missing, in \(rows) rows, and "
          + "\(levels) and \(lists) of \(packed) bytes for levels")
    }
    kind = .data2(lists: lists, levels: levels, isPacked: fields?.numbers[7] != 0, missing: missing)
  }

  /// The fields of one of the headers below: whole numbers, and what is true or false as 1 or 0.
  private struct Fields {
    var numbers: [Int: Int] = [:]

    init(_ thrift: ThriftReader, _ kind: ThriftReader.Kind) throws {
      guard kind == .structure else { throw Fault("expected the header of a page, found another type of Thrift") }
      try thrift.fields { id, kind in
        switch kind {
        case .int32: numbers[id] = try thrift.int(kind)
        case .yes, .no: numbers[id] = kind == .yes ? 1 : 0
        default: try thrift.skip(kind)
        }
      }
    }

    /// How many values there are, which all of the headers begin with.
    static func count(_ fields: Fields?) throws -> Int {
      guard let count = fields?.numbers[1], count >= 0 else {
        throw Fault("expected the number of values in a page, found none")
      }
      return count
    }
  }
}
