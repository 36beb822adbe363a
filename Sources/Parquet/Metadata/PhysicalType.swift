/// How the values of a column are stored, as files number it.
enum PhysicalType: Int {
  case boolean, int32, int64, int96, float, double, bytes, fixedBytes

  /// The format's own word for it.
  var word: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .bytes: "BYTE_ARRAY"
    case .fixedBytes: "FIXED_LEN_BYTE_ARRAY"
    }
  }

  /// Bytes of a value that is not missing; 0: each has its own.
  ///
  /// - Parameter length: bytes of a value of the last of the types.
  func width(_ length: Int) -> Int {
    switch self {
    case .boolean: 1
    case .int32, .float: 4
    case .int64, .double: 8
    case .int96: 12
    case .bytes: 0
    case .fixedBytes: length
    }
  }
}

/// How values are packed in a page, as files number it.
enum Encoding: Int {
  case plain = 0
  case plainDictionary = 2
  case runLength, bitPacked, deltaBinary, deltaLength, deltaBytes, dictionary, split

  /// The format's own word for it.
  var word: String {
    switch self {
    case .plain: "PLAIN"
    case .plainDictionary: "PLAIN_DICTIONARY"
    case .runLength: "RLE"
    case .bitPacked: "BIT_PACKED"
    case .deltaBinary: "DELTA_BINARY_PACKED"
    case .deltaLength: "DELTA_LENGTH_BYTE_ARRAY"
    case .deltaBytes: "DELTA_BYTE_ARRAY"
    case .dictionary: "RLE_DICTIONARY"
    case .split: "BYTE_STREAM_SPLIT"
    }
  }

  init(number: Int) throws {
    guard let encoding = Encoding(rawValue: number) else {
      throw Fault(
        "expected an encoding from 0 to 9, found \(number), which this reader does not know",
        cure: "write the column with another encoding, or leave it out")
    }
    self = encoding
  }
}
