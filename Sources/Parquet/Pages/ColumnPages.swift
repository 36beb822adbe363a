import CZlibSystem
import Files

/// A page with its bytes unpacked.
struct Page {
  /// The levels, where values may be missing, and the values.
  let bytes: [UInt8]
  /// Values, missing ones included.
  let count: Int
  let isDictionary: Bool
  /// How the values are packed, and where they lie in `bytes`.
  let encoding: Encoding
  let values: Range<Int>
  /// What tells which values are missing; nil: none is.
  let levels: Levels?
  /// How many are missing, where the header says so.
  let missing: Int?

  struct Levels {
    let encoding: Encoding
    let range: Range<Int>
  }
}

/// The pages of one column in one row group, read and unpacked one at a time.
struct ColumnPages {
  private let file: RegularFile
  private let codec: Codec
  private let isOptional: Bool
  private let packed: Scratch
  /// Where the next page begins, and where the last one ends.
  private var position: Int
  private let end: Int

  /// A header is a few dozen bytes, but for statistics, which may hold long texts.
  private static let (firstHeader, longestHeader) = (256, 16 << 20)

  /// - Parameters:
  ///   - room: where pages may lie in the file.
  ///   - packed: memory for packed bytes, which columns may share.
  init(_ chunk: ColumnChunk, of file: RegularFile, in room: Range<Int>, isOptional: Bool, packed: Scratch) throws {
    guard !chunk.isEncrypted else { throw ParquetFile.encrypted }
    guard !chunk.isElsewhere else {
      throw Fault(
        "expected values in the file itself, found them in another one", cure: "name the files with the values")
    }
    guard room.contains(chunk.start) || chunk.size == 0, chunk.size <= room.upperBound - chunk.start else {
      throw Fault(
        "expected pages between bytes \(room.lowerBound) and \(room.upperBound), found \(chunk.size) bytes at \(chunk.start)"
      )
    }
    codec = try Codec(number: chunk.codec)
    (self.file, self.isOptional, self.packed) = (file, isOptional, packed)
    (position, end) = (chunk.start, chunk.start + chunk.size)
  }

  /// The next page; nil where there is no more.
  mutating func next() throws -> Page? {
    while position < end {
      let header = try readHeader()
      guard header.packed <= end - position else {
        throw Fault("expected at most \(end - position) bytes in its next page, found \(header.packed)")
      }
      let body = position..<position + header.packed
      position = body.upperBound
      switch header.kind {
      case .other: continue
      case .dictionary, .data: return try whole(header, body)
      case .data2(let lists, let levels, let isPacked, let missing):
        return try inParts(header, body, lists: lists, levels: levels, isPacked: isPacked, missing: missing)
      }
    }
    return nil
  }

  private mutating func readHeader() throws -> PageHeader {
    var size = Self.firstHeader
    while true {
      let bytes = try file.bytes(position..<min(end, position + size))
      let thrift = ThriftReader(bytes)
      do {
        let header = try PageHeader(thrift)
        position += thrift.position
        return header
      } catch is ThriftReader.CutOff {
        guard bytes.count == size, size < Self.longestHeader else {
          throw Fault("expected the header of a page, found it cut off after \(bytes.count) bytes")
        }
        size *= 4
      }
    }
  }

  /// A dictionary, or a page of version 1: levels and values are packed together.
  private func whole(_ header: PageHeader, _ body: Range<Int>) throws -> Page {
    try codec.requirePlausible(packed: header.packed, unpacked: header.unpacked)
    let bytes = try filled(header.unpacked) { bytes in
      if codec == .none {
        try file.read(into: bytes, at: body.lowerBound)
        try verify(UnsafeRawBufferPointer(bytes), header)
      } else {
        try codec.unpack(try read(body, header), into: bytes)
      }
    }
    var (levels, place) = (Page.Levels?.none, 0)
    if isOptional, case .data(let encoding) = header.kind {
      let range = try levelRange(bytes, encoding, header.count)
      (levels, place) = (Page.Levels(encoding: encoding, range: range), range.upperBound)
    }
    return Page(
      bytes: bytes, count: header.count, isDictionary: header.kind == .dictionary, encoding: header.encoding,
      values: place..<bytes.count, levels: levels, missing: nil)
  }

  /// Where the levels of a page of version 1 lie.
  private func levelRange(_ bytes: [UInt8], _ encoding: Encoding, _ count: Int) throws -> Range<Int> {
    switch encoding {
    case .runLength:
      guard bytes.count >= 4 else { throw Fault("expected levels in a page, found \(bytes.count) bytes in all") }
      let size = (0..<4).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
      guard size <= bytes.count - 4 else {
        throw Fault("expected at most \(bytes.count - 4) bytes of levels in a page, found \(size)")
      }
      return 4..<4 + size
    case .bitPacked:
      let size = (count + 7) / 8
      guard size <= bytes.count else { throw Fault("expected \(size) bytes of levels in a page, found \(bytes.count)") }
      return 0..<size
    default:
      throw Fault("expected levels as RLE or BIT_PACKED, found \(encoding.word)")
    }
  }

  /// A page of version 2: the values alone are packed.
  private func inParts(
    _ header: PageHeader, _ body: Range<Int>, lists: Int, levels: Int, isPacked: Bool, missing: Int
  ) throws -> Page {
    let codec = isPacked ? self.codec : Codec.none
    let place = lists + levels
    try codec.requirePlausible(packed: header.packed - place, unpacked: header.unpacked - place)
    let found = try read(body, header)
    let bytes = try filled(header.unpacked) { bytes in
      UnsafeMutableRawBufferPointer(rebasing: bytes[..<place]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: found[..<place]))
      try codec.unpack(
        UnsafeRawBufferPointer(rebasing: found[place...]),
        into: UnsafeMutableRawBufferPointer(rebasing: bytes[place...]))
    }
    let hasLevels = isOptional && levels > 0
    guard hasLevels || missing == 0 else {
      throw Fault("expected levels of \(missing) missing values in a page, found none")
    }
    return Page(
      bytes: bytes, count: header.count, isDictionary: false, encoding: header.encoding, values: place..<bytes.count,
      levels: hasLevels ? Page.Levels(encoding: .runLength, range: lists..<place) : nil, missing: missing)
  }

  /// The bytes of a page as they lie in the file; they hold until the next ones are read.
  private func read(_ body: Range<Int>, _ header: PageHeader) throws -> UnsafeRawBufferPointer {
    let bytes = packed.bytes(body.count)
    try file.read(into: bytes, at: body.lowerBound)
    try verify(UnsafeRawBufferPointer(bytes), header)
    return UnsafeRawBufferPointer(bytes)
  }

  private func verify(_ bytes: UnsafeRawBufferPointer, _ header: PageHeader) throws {
    guard let expected = header.checksum else { return }
    let found = UInt32(
      truncatingIfNeeded: crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: Bytef.self), bytes.count))
    guard found == expected || bytes.isEmpty else {
      throw Fault("expected a page with the checksum \(expected), found \(found)")
    }
  }

  private func filled(_ size: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      try fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size]))
      count = size
    }
  }
}
