/// Writes structures in Apache Thrift's compact protocol; their fields in ascending order.
struct ThriftWriter {
  private(set) var bytes: [UInt8] = []
  /// The number of the last field of each structure that is open.
  private var last = [0]

  mutating func int32(_ id: Int, _ value: Int) {
    field(id, .int32)
    zigzag(value)
  }

  mutating func int64(_ id: Int, _ value: Int) {
    field(id, .int64)
    zigzag(value)
  }

  mutating func bool(_ id: Int, _ value: Bool) { field(id, value ? .yes : .no) }

  mutating func text(_ id: Int, _ value: String) {
    field(id, .binary)
    text(value)
  }

  mutating func structure(_ id: Int, _ write: (inout ThriftWriter) -> Void) {
    field(id, .structure)
    structure(write)
  }

  /// A list of structures.
  mutating func structures<Element>(
    _ id: Int, _ elements: [Element], _ write: (inout ThriftWriter, Element) -> Void
  ) {
    list(id, .structure, elements.count)
    for element in elements { structure { write(&$0, element) } }
  }

  mutating func texts(_ id: Int, _ values: [String]) {
    list(id, .binary, values.count)
    for value in values { text(value) }
  }

  mutating func int32s(_ id: Int, _ values: [Int]) {
    list(id, .int32, values.count)
    for value in values { zigzag(value) }
  }

  /// A structure that is no field: the outermost, or an element.
  mutating func structure(_ write: (inout ThriftWriter) -> Void) {
    last.append(0)
    write(&self)
    last.removeLast()
    bytes.append(0)
  }

  private mutating func field(_ id: Int, _ kind: ThriftReader.Kind) {
    let step = id - last[last.count - 1]
    precondition(step > 0 && step < 16, "field \(id) behind \(last[last.count - 1])")
    bytes.append(UInt8(step << 4) | kind.rawValue)
    last[last.count - 1] = id
  }

  private mutating func list(_ id: Int, _ element: ThriftReader.Kind, _ count: Int) {
    field(id, .list)
    if count < 15 {
      bytes.append(UInt8(count << 4) | element.rawValue)
    } else {
      bytes.append(0xF0 | element.rawValue)
      bytes.append(varint: UInt64(count))
    }
  }

  private mutating func text(_ value: String) {
    bytes.append(varint: UInt64(value.utf8.count))
    bytes += value.utf8
  }

  private mutating func zigzag(_ value: Int) {
    let value = Int64(value)
    bytes.append(varint: UInt64(bitPattern: value << 1 ^ value >> 63))
  }
}

extension [UInt8] {
  /// Appends a number, seven bits a byte, the lowest first.
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
