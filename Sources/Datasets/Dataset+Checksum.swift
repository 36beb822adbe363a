import Tensors

extension Dataset {
  /// A number that differs, but for a chance of about 2⁻⁶⁴, where shape, features, targets or names of classes do.
  ///
  /// The same on every host. It notices an accident, such as another version of a file; nobody should trust it against
  /// intent. Several gigabytes a second.
  public var checksum: UInt64 {
    var sum = Checksum()
    sum.add(shape.extents)
    switch features {
    case .bytes(let values): sum.add(values)
    case .floats(let values): sum.add(values)
    }
    switch targets {
    case .classes(let classes, let names):
      sum.add(classes)
      for name in names { sum.add(Array(name.utf8)) }
    case .values(let values, let width):
      sum.add([width])
      sum.add(values)
    case .none: break
    }
    return sum.value
  }
}

/// Words of eight bytes, each mixed into what came before it.
private struct Checksum {
  private(set) var value: UInt64 = 0x4c6f_636b_7374_6570

  /// Mixes in the length and the bytes, the last word filled up with zeros.
  mutating func add(_ values: [some BitwiseCopyable]) {
    values.withUnsafeBytes { bytes in
      mix(UInt64(bytes.count))
      let whole = bytes.count / 8
      for word in 0..<whole {
        mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)))
      }
      if bytes.count % 8 > 0 { mix(bytes[(8 * whole)...].reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
    }
  }

  private mutating func mix(_ word: UInt64) {
    value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
    value ^= value >> 32
  }
}
