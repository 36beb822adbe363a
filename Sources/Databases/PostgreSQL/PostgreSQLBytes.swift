#if ExternalTables
  /// Bytes from a server, and how far they are read: big-endian numbers, as the network has them.
  struct PostgreSQLBytes {
    private let bytes: UnsafeRawBufferPointer
    private(set) var place = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Bytes that are not read yet.
    var count: Int { bytes.count - place }
    var rest: Slice<UnsafeRawBufferPointer> { bytes[place...] }
    subscript(index: Int) -> UInt8 { bytes[place + index] }

    /// The number that the next `width` bytes are, which must be there.
    func bigEndian(_ width: Int) -> UInt64 { (0..<width).reduce(0) { $0 << 8 | UInt64(self[$1]) } }

    /// The next bytes; nil where there are not so many.
    mutating func take(_ count: Int) -> PostgreSQLBytes? {
      guard count >= 0, count <= self.count else { return nil }
      defer { place += count }
      return PostgreSQLBytes(UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
    }

    mutating func takeInt16() -> Int? { take(2).map { Int(Int16(truncatingIfNeeded: $0.bigEndian(2))) } }
    mutating func takeInt32() -> Int? { take(4).map { Int(Int32(truncatingIfNeeded: $0.bigEndian(4))) } }
  }

  /// A `numeric`: decimal digits, four by four.
  struct PostgreSQLNumeric {
    /// Nearest, ties to even.
    let double: Double

    /// Nil where the bytes are none.
    init?(_ bytes: PostgreSQLBytes) {
      var bytes = bytes
      guard let count = bytes.takeInt16(), let weight = bytes.takeInt16(), let sign = bytes.takeInt16(),
        bytes.takeInt16() != nil, count >= 0, bytes.count == 2 * count
      else { return nil }
      switch UInt16(truncatingIfNeeded: sign) {
      case 0, 0x4000: break
      case 0xC000:
        double = .nan
        return
      case 0xD000:
        double = .infinity
        return
      case 0xF000:
        double = -.infinity
        return
      default: return nil
      }
      var digits = sign == 0 ? "" : "-"
      for _ in 0..<count {
        guard let group = bytes.takeInt16(), 0...9999 ~= group else { return nil }
        digits += String(10_000 + group).dropFirst()
      }
      // The standard library rounds once.
      guard let value = Double(count == 0 ? "0" : "\(digits)e\(4 * (weight - count + 1))") else { return nil }
      double = value
    }
  }
#endif
