/// A number that differs, but for a chance of about 2⁻⁶⁴, where bytes do: words of eight, each mixed into what came before.
///
/// The same on every host, and several gigabytes a second. It notices accidents; nobody should trust it against intent.
package struct Checksum {
  package private(set) var value: UInt64 = 0x4c6f_636b_7374_6570

  package init() {}

  /// Mixes in the length and the bytes, the last word filled up with zeros.
  package mutating func add(_ values: [some BitwiseCopyable]) { values.withUnsafeBytes { add($0) } }

  /// Mixes in the length and the bytes, the last word filled up with zeros.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    begin(bytes: bytes.count)
    addPiece(bytes)
  }

  /// Mixes in a length: the bytes follow in pieces, all but the last of whole words.
  package mutating func begin(bytes: Int) { mix(UInt64(bytes)) }

  /// Mixes in a piece, its last word filled up with zeros.
  package mutating func addPiece(_ bytes: UnsafeRawBufferPointer) {
    let whole = bytes.count / 8
    for word in 0..<whole {
      mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)))
    }
    if bytes.count % 8 > 0 { mix(bytes[(8 * whole)...].reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
  }

  private mutating func mix(_ word: UInt64) {
    value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
    value ^= value >> 32
  }
}

extension ParameterLayout {
  /// The checksum of each slot of `buffer`, in declaration order.
  package func checksums(of buffer: FloatView) -> [UInt64] {
    slots.map { slot in
      var sum = Checksum()
      sum.add(UnsafeRawBufferPointer(buffer[slot.range].bytes))
      return sum.value
    }
  }
}
