/// Numbers of a few bits each, one behind the other, the lowest bit first.
enum BitUnpacking {
  /// Overwrites `numbers` with `count` numbers of `width` bits, which a `Number` holds, the first of which begins at `bit` of
  /// `bytes`.
  ///
  /// All of them must lie in `bytes`.
  static func unpack<Number: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, from bit: Int, width: Int, count: Int, into numbers: UnsafeMutablePointer<Number>
  ) {
    guard width > 0, count > 0 else { return numbers.update(repeating: 0, count: count) }
    // With the bits before it, a number must fit into a word.
    let (base, mask) = (bytes.baseAddress!, width < 64 ? (UInt64(1) << UInt64(width)) - 1 : UInt64.max)
    let whole = width <= 57 ? wholeWords(bytes, from: bit, width: width, count: count) : 0
    var place = bit
    for index in 0..<whole {
      let word = base.loadUnaligned(fromByteOffset: place >> 3, as: UInt64.self)
      numbers[index] = Number(truncatingIfNeeded: word &>> UInt64(place & 7) & mask)
      place &+= width
    }
    for index in whole..<count {
      numbers[index] = Number(truncatingIfNeeded: number(bytes, at: place, width: width))
      place += width
    }
  }

  /// How many of the numbers begin in a word of eight bytes that ends within `bytes`.
  private static func wholeWords(_ bytes: UnsafeRawBufferPointer, from bit: Int, width: Int, count: Int) -> Int {
    let last = (bytes.count - 8) * 8 + 7
    return last < bit ? 0 : min(count, (last - bit) / width + 1)
  }

  /// One number, byte by byte.
  private static func number(_ bytes: UnsafeRawBufferPointer, at bit: Int, width: Int) -> UInt64 {
    var (number, done, place) = (UInt64(0), 0, bit)
    while done < width {
      let part = min(8 - place & 7, width - done)
      let bits = UInt64(bytes[place >> 3]) >> UInt64(place & 7) & ((1 << UInt64(part)) - 1)
      number |= bits << UInt64(done)
      (done, place) = (done + part, place + part)
    }
    return number
  }

  /// Overwrites `flags` with `count` bytes of 0 or 1, of a bit each, the first of which is `bit` of `bytes`; returns how
  /// many of the bits are 1.
  ///
  /// - Parameter isFlipped: whether the bytes are 1 where the bits are 0.
  static func unpackFlags(
    _ bytes: UnsafeRawBufferPointer, from bit: Int, count: Int, isFlipped: Bool, into flags: UnsafeMutableRawPointer
  ) -> Int {
    guard count > 0 else { return 0 }
    let (base, flip) = (bytes.baseAddress!, UInt8(isFlipped ? 1 : 0))
    var (ones, index) = (0, 0)
    func single() {
      let place = bit + index
      let one = base.load(fromByteOffset: place >> 3, as: UInt8.self) >> UInt8(place & 7) & 1
      flags.storeBytes(of: one ^ flip, toByteOffset: index, as: UInt8.self)
      (ones, index) = (ones + Int(one), index + 1)
    }
    while index < count, (bit + index) & 7 != 0 { single() }
    // A bit goes to each byte: the byte in eight places, the bit of its own in each, and that moved down to the lowest.
    let (each, own, below) = (
      0x0101_0101_0101_0101 as UInt64, 0x8040_2010_0804_0201 as UInt64, 0x7F7F_7F7F_7F7F_7F7F as UInt64
    )
    let flips = isFlipped ? each : 0
    while index + 8 <= count {
      let byte = base.load(fromByteOffset: (bit + index) >> 3, as: UInt8.self)
      let spread = ((UInt64(byte) &* each & own) &+ below) &>> 7 & each
      flags.storeBytes(of: spread ^ flips, toByteOffset: index, as: UInt64.self)
      (ones, index) = (ones &+ byte.nonzeroBitCount, index &+ 8)
    }
    while index < count { single() }
    return ones
  }
}
