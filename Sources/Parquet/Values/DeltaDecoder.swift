/// Whole numbers as differences from those before them, packed in blocks with a smallest difference of their own
/// (DELTA_BINARY_PACKED). Sums wrap around, at 64 bits; of numbers of 32 bits the lower half is right.
///
/// It keeps its place in the bytes alone, which each call is given anew.
///
/// Source: https://github.com/apache/parquet-format/blob/master/Encodings.md#DELTAENC
struct DeltaDecoder {
  /// Numbers that are still to come.
  private(set) var left: Int
  private var cursor: ByteCursor
  private let miniBlocks: Int
  /// Numbers in each of them.
  private let miniBlockSize: Int
  private var last: Int64
  private var isFirst = true
  /// Of the block: its smallest difference, the place of the widths, and the mini-block that comes next.
  private var least: Int64 = 0
  private var widths = 0
  private var miniBlock: Int
  /// Of the mini-block: what is left of it, the bits of a difference, and the bit where the next begins.
  private var packed = 0
  private var width = 0
  private var bit = 0

  init(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) throws {
    cursor = ByteCursor(range)
    let block = Int(try cursor.varint(bytes, bits: 31))
    let parts = Int(try cursor.varint(bytes, bits: 31))
    guard parts > 0, block % parts == 0, block > 0, block / parts % 8 == 0 else {
      throw Fault("expected blocks of differences in whole parts of 8, found \(block) in \(parts) parts")
    }
    (miniBlocks, miniBlockSize, miniBlock) = (parts, block / parts, parts)
    left = Int(try cursor.varint(bytes, bits: 31))
    last = try cursor.zigzag(bytes)
  }

  /// Overwrites `numbers` with the next `count`.
  mutating func next(_ count: Int, of bytes: UnsafeRawBufferPointer, into numbers: UnsafeMutablePointer<Int64>) throws {
    guard count <= left else { throw Fault("expected \(count) more numbers in a page, found \(left)") }
    left -= count
    var done = 0
    if isFirst, count > 0 {
      numbers[0] = last
      (isFirst, done) = (false, 1)
    }
    while done < count {
      if packed == 0 { try beginMiniBlock(bytes) }
      let part = min(count - done, packed)
      guard (bit + part * width + 7) / 8 <= cursor.end else {
        throw Fault("expected more differences in a page, found its end")
      }
      BitUnpacking.unpack(bytes, from: bit, width: width, count: part, into: numbers + done)
      var sum = last
      for index in done..<done + part {
        sum = sum &+ least &+ numbers[index]
        numbers[index] = sum
      }
      (last, packed, bit) = (sum, packed - part, bit + part * width)
      done += part
    }
  }

  /// The place behind the last of the numbers, none of which has been read.
  func end(in bytes: UnsafeRawBufferPointer) throws -> Int {
    var copy = self
    var rest = left - 1
    while rest > 0 {
      try copy.beginMiniBlock(bytes)
      rest -= miniBlockSize
    }
    return copy.cursor.position
  }

  private mutating func beginMiniBlock(_ bytes: UnsafeRawBufferPointer) throws {
    if miniBlock == miniBlocks {
      least = try cursor.zigzag(bytes)
      guard miniBlocks <= cursor.left else {
        throw Fault("expected \(miniBlocks) widths of differences, found the page's end")
      }
      (widths, miniBlock) = (cursor.position, 0)
      cursor.position += miniBlocks
    }
    width = Int(bytes[widths + miniBlock])
    guard width <= 64 else { throw Fault("expected differences of at most 64 bits, found \(width)") }
    (miniBlock, packed, bit) = (miniBlock + 1, miniBlockSize, 8 * cursor.position)
    // The last one may be shorter: what is missing is seen when it is asked for.
    cursor.position += min(miniBlockSize / 8 * width, cursor.left)
  }
}
