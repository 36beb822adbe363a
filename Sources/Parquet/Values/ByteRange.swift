/// Where a text lies in bytes, as `TextCells` keeps it: beginning and end, 32 bits each.
struct ByteRange: BitwiseCopyable {
  /// The beginning in the lower half.
  private var bits: UInt64

  init(_ start: Int, _ end: Int) { bits = UInt64(UInt32(start)) | UInt64(UInt32(end)) << 32 }

  static let empty = ByteRange(0, 0)

  var start: Int { Int(bits & 0xFFFF_FFFF) }
  var end: Int { Int(bits >> 32) }
  var range: Range<Int> { start..<end }

  /// The same further on in other bytes.
  @inline(__always)
  func moved(by distance: Int) -> ByteRange {
    var copy = self
    // Both halves, neither of which leaves 32 bits.
    copy.bits = bits &+ UInt64(bitPattern: Int64(distance)) &* 0x1_0000_0001
    return copy
  }
}
