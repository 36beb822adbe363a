/// The distinct values of a column in a row group, which pages name by their places.
struct ColumnDictionary {
  /// As they are given out; one of these, by the meaning of the column, and the others empty.
  var numbers: [Double] = []
  var integers: [Int64] = []
  var days: [Int32] = []
  var texts: [ByteRange] = []
  /// What `texts` lie in.
  var bytes: [UInt8] = []

  /// Decodes a dictionary; throws a `Fault` where it has fewer values than it says, or some that cannot be told.
  init(_ page: Page, _ type: FlatType, _ memory: ColumnMemory) throws {
    guard page.encoding == .plain || page.encoding == .plainDictionary, type.physical != .boolean else {
      throw Fault("expected a dictionary as PLAIN, found \(page.encoding.word) of \(type.physical.word)")
    }
    // A text has its length at least.
    guard page.count <= page.values.count / max(type.width, type.width == 0 ? 4 : 1) else {
      throw OpenPage.tooFew(page.count)
    }
    guard page.count > 0 else { return }
    switch type.meaning.type {
    case .number where type.width == 0:
      let ranges = try Self.ranges(page, type, memory)
      numbers = try [Double](unsafeUninitializedCapacity: page.count) { buffer, filled in
        try Conversion.decimals(page.bytes, ranges, page.count, type, into: buffer.baseAddress!)
        filled = page.count
      }
    case .number: numbers = try Self.values(page) { try Conversion.numbers($0, $1, type, into: $2) }
    case .integer, .instant: integers = try Self.values(page) { try Conversion.integers($0, $1, type, into: $2) }
    case .day: days = try Self.values(page) { Conversion.days($0, $1, into: $2) }
    case .text: try readTexts(page, type, memory)
    case .boolean, .vector: preconditionFailure("a dictionary of \(type)")
    }
  }

  private static func values<Value>(
    _ page: Page, _ convert: (UnsafeRawPointer, Int, UnsafeMutablePointer<Value>) throws -> Void
  ) throws -> [Value] {
    try [Value](unsafeUninitializedCapacity: page.count) { buffer, filled in
      try page.bytes.withUnsafeBytes {
        try convert($0.baseAddress! + page.values.lowerBound, page.count, buffer.baseAddress!)
      }
      filled = page.count
    }
  }

  private static func ranges(_ page: Page, _ type: FlatType, _ memory: ColumnMemory) throws -> [ByteRange] {
    var open = OpenPage(dictionary: page)
    return try [ByteRange](unsafeUninitializedCapacity: page.count) { buffer, filled in
      _ = try open.ranges(page.count, type, into: buffer.baseAddress!, memory.numbers)
      filled = page.count
    }
  }

  private mutating func readTexts(_ page: Page, _ type: FlatType, _ memory: ColumnMemory) throws {
    let ranges = try Self.ranges(page, type, memory)
    (texts, bytes) = (ranges, page.bytes)
    switch type.meaning {
    case .uuid: (texts, bytes) = uuidTexts(page.bytes, ranges)
    case .text(isDeclared: false): try requireUTF8(page.bytes, ranges)
    default: break
    }
  }
}

/// Overwrites `values` with those that `places` name.
@inline(__always)
func gather<Value: BitwiseCopyable>(
  _ places: UnsafePointer<UInt32>, _ count: Int, of dictionary: [Value], into values: UnsafeMutablePointer<Value>
) throws {
  guard count > 0 else { return }
  var most: UInt32 = 0
  for index in 0..<count { most = max(most, places[index]) }
  guard Int(most) < dictionary.count else {
    throw Fault("expected places in a dictionary of \(dictionary.count) values, found \(most)")
  }
  dictionary.withUnsafeBufferPointer { dictionary in
    let base = dictionary.baseAddress!
    for index in 0..<count { values[index] = base[Int(places[index])] }
  }
}

/// Moves `present` values at the front of `values` to the rows, `rows` of them, that are not missing. Rows that are missing
/// get one of their neighbours', or `filler` where there are no others.
@inline(__always)
func spread<Value: BitwiseCopyable>(
  _ values: UnsafeMutablePointer<Value>, _ present: Int, over rows: Int, without missing: UnsafePointer<Bool>?,
  filler: Value
) {
  guard present < rows, let missing else { return }
  guard present > 0 else { return values.update(repeating: filler, count: rows) }
  var (from, to) = (present - 1, rows - 1)
  // Where they meet, all that are before are in their places.
  while to > from {
    // Most often eight neighbours are all there: their flags are one word of zeros.
    if from >= 7, UnsafeRawPointer(missing).loadUnaligned(fromByteOffset: to &- 7, as: UInt64.self) == 0 {
      (values + (to &- 7)).update(from: values + (from &- 7), count: 8)
      (from, to) = (max(0, from &- 8), to &- 8)
      continue
    }
    values[to] = values[from]
    from = max(0, from &- (missing[to] ? 0 : 1))
    to &-= 1
  }
}
