import Diagnostics
import Files
import Glibc

/// An array in the IDX format of the MNIST family: two zero bytes, element type, rank, extents (32 bits, big-endian),
/// then the elements, row-major and big-endian.
///
/// Format: LeCun, Cortes, Burges: *The MNIST database of handwritten digits*.
struct IDXArray {
  enum ElementType: UInt8 {
    case byte = 0x08
    case float = 0x0D

    var size: Int { self == .byte ? 1 : 4 }
  }

  let extents: [Int]
  let elements: Dataset.Features

  /// Elements that are read at most, in bytes.
  static let limit = 1 << 36

  /// Reads `path`, gzipped or not, which must hold `content` of one of `types` and `ranks`.
  init(_ path: String, content: String, ranks: ClosedRange<Int>, types: [ElementType]) throws(Failure) {
    let reader = try ByteReader(path)
    let type: ElementType
    (type, extents) = try Self.header(reader, content, ranks, types)
    let shape = extents.map(String.init).joined(separator: "×")
    var count = type.size
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Self.limit else {
        throw Failure(
          .badData, at: path,
          "expected at most \(Self.limit) bytes of \(content), found extents \(shape) in the header",
          cure: "the file is damaged, or has to be split")
      }
      count = product
    }
    guard count > 0 else { throw Failure(.badData, at: path, "expected \(content), found none (extents \(shape))") }
    // A header that promises more than the file can hold must not cost memory.
    let room = reader.mostBytes - (reader.isPacked ? 0 : 4 + 4 * extents.count)
    guard count <= room else {
      throw Self.truncated(reader, content, shape, expected: count, found: reader.isPacked ? nil : room)
    }
    // Floats are in memory twice while their bytes are put in order.
    let memory = ProcessMemory.bytes / (type == .float ? 2 : 1)
    guard count <= memory else {
      throw Failure(
        .badData, at: path,
        "expected at most \(memory) bytes of \(content), for which there is memory here, found extents \(shape) in the header",
        cure: "take a host with more memory, or fewer samples")
    }
    switch type {
    case .byte: elements = .bytes(try Self.read(reader, content, shape, count: count, as: UInt8.self))
    case .float:
      let words = try Self.read(reader, content, shape, count: count / 4, as: UInt32.self)
      let values = words.map { Float(bitPattern: UInt32(bigEndian: $0)) }
      if let bad = values.firstIndex(where: { !$0.isFinite }) {
        let width = values.count / extents[0]
        throw Failure(
          .badData, at: path, "expected finite numbers, found \(values[bad]) in sample \(bad / width)",
          cure: "repair or leave out the sample")
      }
      elements = .floats(values)
    }
    guard try reader.isAtEnd() else {
      throw Failure(
        .badData, at: path, "expected \(shape) = \(count) bytes of \(content), found trailing bytes after them",
        cure: "fetch the file again")
    }
    if reader.isCutOff { throw Self.truncated(reader, content, shape, expected: count, found: count) }
  }

  private static func header(
    _ reader: ByteReader, _ content: String, _ ranks: ClosedRange<Int>, _ types: [ElementType]
  ) throws(Failure) -> (ElementType, [Int]) {
    let path = reader.path
    guard reader.size > 0 else {
      throw Failure(
        .badData, at: path, "expected \(content) in IDX format, found an empty file", cure: "fetch it again")
    }
    if let format = ForeignFormat(reader.head) { throw format.failure(at: path, insteadOf: "\(content) in IDX format") }
    let magic = try read(reader, upTo: 4)
    guard magic.count == 4, magic[0] == 0, magic[1] == 0 else {
      throw Failure(
        .badData, at: path,
        "expected \(content) in IDX format, which begin with bytes 00 00 \(hex([types[0].rawValue])) "
          + "\(hex([UInt8(ranks.lowerBound)])), found \(magic.isEmpty ? "nothing" : hex(magic))"
          + (reader.isCutOff ? " (the gzip stream is cut off)" : ""),
        cure: "name an IDX file, gzipped or not")
    }
    let known = types.map { "0x\(hex([$0.rawValue]))" }.joined(separator: " or ")
    guard let type = ElementType(rawValue: magic[2]), types.contains(type) else {
      throw Failure(
        .badData, at: path, "expected \(content) of element type \(known), found 0x\(hex([magic[2]]))",
        cure: "convert them to unsigned bytes")
    }
    let rank = Int(magic[3])
    guard ranks.contains(rank) else {
      let expected = ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      throw Failure(
        .badData, at: path, "expected \(content) of rank \(expected), found rank \(rank)",
        cure: "check that images and labels are not swapped")
    }
    let extents = try read(reader, upTo: 4 * rank)
    guard extents.count == 4 * rank else {
      throw truncated(reader, "header", "\(rank) extents", expected: 4 + 4 * rank, found: 4 + extents.count)
    }
    return (type, (0..<rank).map { axis in extents[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) } })
  }

  private static func read<Element: BitwiseCopyable>(
    _ reader: ByteReader, _ content: String, _ shape: String, count: Int, as type: Element.Type
  ) throws(Failure) -> [Element] {
    var outcome: Result<Int, Failure> = .success(0)
    let size = MemoryLayout<Element>.size
    let elements = [Element](unsafeUninitializedCapacity: count) { memory, initialised in
      let bytes = UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: count * size)
      outcome = Result { () throws(Failure) in try reader.read(into: bytes) }
      if case .success(count * size) = outcome { initialised = count }
    }
    let found = try outcome.get()
    guard found == count * size else {
      throw truncated(reader, content, shape, expected: count * size, found: found)
    }
    return elements
  }

  private static func read(_ reader: ByteReader, upTo count: Int) throws(Failure) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { memory.deallocate() }
    return Array(memory.prefix(try reader.read(into: memory)))
  }

  private static func truncated(
    _ reader: ByteReader, _ content: String, _ shape: String, expected: Int, found: Int?
  ) -> Failure {
    let words = found.map { "\($0) bytes" } ?? "a gzip stream of \(reader.size) bytes, too short for that"
    return Failure(
      .badData, at: reader.path,
      "expected \(shape) = \(expected) bytes of \(content), found \(words)"
        + (reader.isCutOff ? " (the gzip stream is cut off)" : ""),
      cure: "the file is truncated: fetch it again"
        + (found == nil ? ", or unpack it first if you trust it" : ""))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
  }
}
