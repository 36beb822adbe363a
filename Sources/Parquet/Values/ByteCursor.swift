/// Reads numbers that stand between packed values.
struct ByteCursor {
  /// The place of the next byte, and where the bytes end.
  var position: Int
  let end: Int

  init(_ range: Range<Int>) { (position, end) = (range.lowerBound, range.upperBound) }

  var left: Int { end - position }

  /// A number of at most `bits` bits, seven of them a byte, the lowest first.
  @inline(__always)
  mutating func varint(_ bytes: UnsafeRawBufferPointer, bits: Int = 64) throws -> UInt64 {
    // Most are small.
    if position < end, bytes[position] < 0x80 {
      defer { position += 1 }
      return UInt64(bytes[position])
    }
    var (value, shift) = (UInt64(0), UInt64(0))
    while true {
      guard position < end else { throw Fault("expected a number in a page, found its end") }
      let next = bytes[position]
      position += 1
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { break }
      shift += 7
      guard shift < 64 else { throw Fault("expected a number of at most 10 bytes in a page, found a longer one") }
    }
    guard bits == 64 || value >> UInt64(bits) == 0 else {
      throw Fault("expected a number of at most \(bits) bits in a page, found \(value)")
    }
    return value
  }

  /// A number with a sign: 0, -1, 1, -2 and so on.
  mutating func zigzag(_ bytes: UnsafeRawBufferPointer) throws -> Int64 {
    let value = try varint(bytes)
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}
