/// Turns stored values into those of a table, many at a time.
///
/// `raw` is where they lie as PLAIN has them, little end first, in bytes without alignment; each function overwrites `count`
/// values, and throws a `Fault` where one cannot be told.
enum Conversion {
  static func numbers(
    _ raw: UnsafeRawPointer, _ count: Int, _ type: FlatType, into values: UnsafeMutablePointer<Double>
  ) throws {
    switch (type.meaning, type.physical) {
    case (.double, _): UnsafeMutableRawPointer(values).copyMemory(from: raw, byteCount: 8 * count)
    case (.float, _): each(raw, count, Float.self, into: values) { Double($0) }
    case (.half, _): each(raw, count, UInt16.self, into: values, half)
    case (.decimal(let scale), .int32):
      each(raw, count, Int32.self, into: values) { DecimalNumber.value(Int64($0), scale: scale) }
    case (.decimal(let scale), .int64):
      each(raw, count, Int64.self, into: values) { DecimalNumber.value($0, scale: scale) }
    case (.decimal(let scale), _):
      for index in 0..<count {
        let bytes = UnsafeRawBufferPointer(start: raw + index * type.width, count: type.width)
        values[index] = try DecimalNumber.value(bigEndian: bytes, scale: scale)
      }
    default: preconditionFailure("\(type) as numbers")
    }
  }

  /// Decimals of as many bytes as each takes, which lie at `ranges` of `bytes`.
  static func decimals(
    _ bytes: [UInt8], _ ranges: UnsafePointer<ByteRange>, _ count: Int, _ type: FlatType,
    into values: UnsafeMutablePointer<Double>
  ) throws {
    guard case .decimal(let scale) = type.meaning else { preconditionFailure("\(type) as decimals") }
    try bytes.withUnsafeBytes { bytes in
      for index in 0..<count {
        let number = UnsafeRawBufferPointer(rebasing: bytes[ranges[index].range])
        values[index] = try DecimalNumber.value(bigEndian: number, scale: scale)
      }
    }
  }

  static func integers(
    _ raw: UnsafeRawPointer, _ count: Int, _ type: FlatType, into values: UnsafeMutablePointer<Int64>
  ) throws {
    switch type.meaning {
    case .int32: each(raw, count, Int32.self, into: values) { Int64($0) }
    case .uint32: each(raw, count, UInt32.self, into: values) { Int64($0) }
    case .int64: UnsafeMutableRawPointer(values).copyMemory(from: raw, byteCount: 8 * count)
    case .uint64:
      UnsafeMutableRawPointer(values).copyMemory(from: raw, byteCount: 8 * count)
      guard let large = (0..<count).first(where: { values[$0] < 0 }) else { return }
      throw Fault(
        "expected whole numbers up to \(Int64.max), found \(UInt64(bitPattern: values[large]))",
        cure: "write the column as doubles or texts, or leave it out")
    case .instant(let times, let per): try instants(raw, count, times: times, per: per, into: values)
    case .julianInstant: try julianInstants(raw, count, into: values)
    default: preconditionFailure("\(type) as whole numbers")
    }
  }

  static func days(_ raw: UnsafeRawPointer, _ count: Int, into values: UnsafeMutablePointer<Int32>) {
    UnsafeMutableRawPointer(values).copyMemory(from: raw, byteCount: 4 * count)
  }

  @inline(__always)
  private static func each<Stored: BitwiseCopyable, Value>(
    _ raw: UnsafeRawPointer, _ count: Int, _ stored: Stored.Type, into values: UnsafeMutablePointer<Value>,
    _ convert: (Stored) -> Value
  ) {
    for index in 0..<count {
      values[index] = convert(raw.loadUnaligned(fromByteOffset: index &* MemoryLayout<Stored>.size, as: stored))
    }
  }

  /// IEEE 754's 16 bits.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
    let magnitude: Double =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: (1 + fraction * 0x1p-10) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return bits >> 15 == 1 ? -magnitude : magnitude
  }

  private static func instants(
    _ raw: UnsafeRawPointer, _ count: Int, times: Int64, per: Int64, into values: UnsafeMutablePointer<Int64>
  ) throws {
    if per > 1 {
      each(raw, count, Int64.self, into: values) { floor($0, per) }
    } else if times == 1 {
      UnsafeMutableRawPointer(values).copyMemory(from: raw, byteCount: 8 * count)
    } else {
      var overflows = false
      each(raw, count, Int64.self, into: values) { value in
        let (product, isOver) = value.multipliedReportingOverflow(by: times)
        overflows = overflows || isOver
        return product
      }
      guard !overflows else { throw farAway }
    }
  }

  /// Nanoseconds of a day, in 8 bytes, and the day's number since 4714 BC, in 4.
  private static func julianInstants(
    _ raw: UnsafeRawPointer, _ count: Int, into values: UnsafeMutablePointer<Int64>
  ) throws {
    let (dayOf1970, microseconds) = (Int64(2_440_588), Int64(86_400_000_000))
    for index in 0..<count {
      let nanoseconds = raw.loadUnaligned(fromByteOffset: 12 * index, as: Int64.self)
      let day = Int64(raw.loadUnaligned(fromByteOffset: 12 * index + 8, as: Int32.self)) - dayOf1970
      let (start, isOver) = day.multipliedReportingOverflow(by: microseconds)
      let (instant, isFurther) = start.addingReportingOverflow(floor(nanoseconds, 1000))
      guard !isOver, !isFurther else { throw farAway }
      values[index] = instant
    }
  }

  private static let farAway = Fault("expected instants within 292,000 years of 1970, found one that is further away")

  /// Rounded down.
  @inline(__always)
  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    value / divisor &- (value % divisor < 0 ? 1 : 0)
  }
}
