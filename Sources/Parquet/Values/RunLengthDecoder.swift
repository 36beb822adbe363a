/// Numbers of a few bits, in runs: one number many times, or numbers one behind the other (RLE and bit packing, the hybrid).
///
/// It keeps its place in the bytes alone, which each call is given anew.
///
/// Source: https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE
struct RunLengthDecoder {
  /// Bits of a number, 0...32.
  private let width: Int
  private var cursor: ByteCursor
  /// What is left of a run of one number.
  private var repeated = 0
  private var number: UInt32 = 0
  /// What is left of a run of packed numbers, and the bit where it begins.
  private var packed = 0
  private var bit = 0

  /// Throws a `Fault` where numbers cannot have that width.
  init(_ range: Range<Int>, width: Int) throws {
    guard 0...32 ~= width else { throw Fault("expected numbers of at most 32 bits in a page, found \(width)") }
    (self.width, cursor) = (width, ByteCursor(range))
  }

  /// A single run of packed numbers of one bit, as old files have for levels.
  init(packedBits range: Range<Int>) {
    (width, cursor) = (1, ByteCursor(range.upperBound..<range.upperBound))
    (packed, bit) = (8 * range.count, 8 * range.lowerBound)
  }

  /// Overwrites `numbers` with the next `count`.
  mutating func next(_ count: Int, of bytes: UnsafeRawBufferPointer, into numbers: UnsafeMutablePointer<UInt32>) throws
  {
    var done = 0
    while done < count {
      let part = try run(bytes, most: count - done)
      if repeated > 0 {
        (numbers + done).update(repeating: number, count: part)
      } else {
        BitUnpacking.unpack(bytes, from: bit, width: width, count: part, into: numbers + done)
      }
      advance(part)
      done += part
    }
  }

  /// Overwrites `flags` with the next `count`, a byte each, where numbers have one bit; returns how many of the bits are 1.
  ///
  /// - Parameter isFlipped: whether the bytes are 1 where the bits are 0.
  mutating func nextFlags(
    _ count: Int, of bytes: UnsafeRawBufferPointer, isFlipped: Bool, into flags: UnsafeMutableRawPointer
  ) throws -> Int {
    var (done, ones) = (0, 0)
    while done < count {
      let part = try run(bytes, most: count - done)
      if repeated > 0 {
        guard number <= 1 else { throw Fault("expected levels of 0 and 1 in a page, found \(number)") }
        (flags + done).initializeMemory(as: UInt8.self, repeating: UInt8(number) ^ (isFlipped ? 1 : 0), count: part)
        ones += number == 1 ? part : 0
      } else {
        ones += BitUnpacking.unpackFlags(bytes, from: bit, count: part, isFlipped: isFlipped, into: flags + done)
      }
      advance(part)
      done += part
    }
    return ones
  }

  /// How many numbers come from the same run, `most` at most and 1 at least.
  private mutating func run(_ bytes: UnsafeRawBufferPointer, most: Int) throws -> Int {
    while repeated == 0, packed == 0 {
      guard cursor.left > 0 else { throw Fault("expected \(most) more numbers in a page, found its end") }
      let head = Int(try cursor.varint(bytes, bits: 32))
      if head & 1 == 1 {
        bit = 8 * cursor.position
        // Some writers leave out the end of the last run, which nobody needs.
        let size = min((head >> 1) * width, cursor.left)
        packed = width == 0 ? 8 * (head >> 1) : 8 * size / width
        cursor.position += size
      } else {
        let size = (width + 7) / 8
        guard size <= cursor.left else { throw Fault("expected a number of \(size) bytes in a page, found its end") }
        (repeated, number) = (head >> 1, 0)
        for index in 0..<size { number |= UInt32(bytes[cursor.position + index]) << UInt32(8 * index) }
        cursor.position += size
      }
    }
    return min(most, repeated > 0 ? repeated : packed)
  }

  private mutating func advance(_ count: Int) {
    if repeated > 0 {
      repeated -= count
    } else {
      (packed, bit) = (packed - count, bit + count * width)
    }
  }
}
