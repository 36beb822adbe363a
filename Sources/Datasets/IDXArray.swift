import Diagnostics
import Files
import Glibc
import Host
import Tensors

/// An array in the IDX format, all of it in memory.
struct IDXArray {
  let extents: [Int]
  let elements: Dataset.Features

  /// Reads `path`, packed or not, which must hold `content` of one of `types` and `ranks`.
  init(
    _ path: String, content: String, ranks: ClosedRange<Int>, types: [IDXFile.ElementType]
  ) throws(Failure) {
    var file = try IDXFile(path, content: content, ranks: ranks, types: types)
    extents = file.extents
    // Floats are in memory twice while their bytes are put in order.
    let memory = ProcessMemory.ofThisProcess.bytes / (file.type == .float ? 2 : 1)
    guard file.byteCount <= memory else {
      throw Failure(
        .badData, at: path,
        "expected at most \(memory) bytes of \(content), for which there is memory here, found extents \(file.shape) in the header",
        cure: "take a host with more memory, or fewer samples")
    }
    elements = try file.next(extents[0])
    try file.requireEnd()
  }

  /// The form of one sample, channels last.
  var sampleShape: Shape { IDXFile.sampleShape(extents) }
}

/// Images in the IDX format, some at a time: memory holds those alone, however many there are.
package struct IDXStream {
  private var file: IDXFile
  private var left: Int

  /// Opens images as in `Dataset.idx`, and reads their header.
  package init(images path: String) throws(Failure) {
    file = try IDXFile(path, content: "images", ranks: 2...4, types: [.byte, .float])
    left = file.extents[0]
  }

  /// The next images, `rows` at most; nil where there are no more.
  package mutating func next(rows most: Int) throws(Failure) -> Dataset? {
    guard left > 0 else { return nil }
    let count = min(most, left)
    let features = try file.next(count)
    left -= count
    if left == 0 { try file.requireEnd() }
    return Dataset(source: file.path, shape: IDXFile.sampleShape(file.extents), features: features, targets: .none)
  }
}

/// An array in the IDX format of the MNIST family: two zero bytes, element type, rank, extents (32 bits, big-endian),
/// then the elements, row-major and big-endian; read from first to last.
///
/// Format: LeCun, Cortes, Burges: *The MNIST database of handwritten digits*.
struct IDXFile {
  enum ElementType: UInt8 {
    case byte = 0x08
    case float = 0x0D

    var size: Int { self == .byte ? 1 : 4 }
  }

  let path: String
  let type: ElementType
  let extents: [Int]
  /// `60000×28×28`
  let shape: String
  /// Of all elements.
  let byteCount: Int
  private let content: String
  private let reader: ByteReader
  /// Bytes and samples that have been read.
  private var bytesRead = 0
  private var samplesRead = 0

  /// Elements that are read at most, in bytes.
  static let limit = 1 << 36

  /// Opens `path`, packed or not, which must hold `content` of one of `types` and `ranks`, and reads its header.
  init(_ path: String, content: String, ranks: ClosedRange<Int>, types: [ElementType]) throws(Failure) {
    (self.path, self.content) = (path, content)
    reader = try ByteReader(path)
    (type, extents) = try Self.header(reader, content, ranks, types)
    shape = extents.map(String.init).joined(separator: "×")
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
    byteCount = count
    // A header that promises more than the file can hold must not cost memory.
    let room = reader.mostBytes - (reader.isPacked ? 0 : 4 + 4 * extents.count)
    guard count <= room else { throw truncated(found: reader.isPacked ? nil : room) }
  }

  /// The elements of the next `count` samples, of which there must be as many.
  mutating func next(_ count: Int) throws(Failure) -> Dataset.Features {
    let width = byteCount / type.size / extents[0]
    defer { samplesRead += count }
    switch type {
    case .byte: return .bytes(try read(count * width, as: UInt8.self))
    case .float:
      let values = try read(count * width, as: UInt32.self).map { Float(bitPattern: UInt32(bigEndian: $0)) }
      if let bad = values.firstIndex(where: { !$0.isFinite }) {
        throw Failure(
          .badData, at: path, "expected finite numbers, found \(values[bad]) in sample \(samplesRead + bad / width)",
          cure: "repair or leave out the sample")
      }
      return .floats(values)
    }
  }

  /// Throws where something comes after the last sample.
  func requireEnd() throws(Failure) {
    guard try reader.isAtEnd() else {
      throw Failure(
        .badData, at: path, "expected \(shape) = \(byteCount) bytes of \(content), found trailing bytes after them",
        cure: "fetch the file again")
    }
    if reader.isCutOff { throw truncated(found: byteCount) }
  }

  /// The form of one sample, channels last.
  static func sampleShape(_ extents: [Int]) -> Shape {
    let extents = Array(extents.dropFirst())
    return Shape(extents.count == 2 ? extents + [1] : extents.isEmpty ? [1] : extents)
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
          + (reader.isCutOff ? " (the packed stream is cut off)" : ""),
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

  private mutating func read<Element: BitwiseCopyable>(
    _ count: Int, as type: Element.Type
  ) throws(Failure) -> [Element] {
    var outcome: Result<Int, Failure> = .success(0)
    let size = MemoryLayout<Element>.size
    let elements = [Element](unsafeUninitializedCapacity: count) { memory, initialised in
      let bytes = UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: count * size)
      outcome = Result { () throws(Failure) in try reader.read(into: bytes) }
      if case .success(count * size) = outcome { initialised = count }
    }
    bytesRead += try outcome.get()
    guard elements.count == count else { throw truncated(found: bytesRead) }
    return elements
  }

  private func truncated(found: Int?) -> Failure {
    Self.truncated(reader, content, shape, expected: byteCount, found: found)
  }

  private static func read(_ reader: ByteReader, upTo count: Int) throws(Failure) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { memory.deallocate() }
    return Array(memory.prefix(try reader.read(into: memory)))
  }

  private static func truncated(
    _ reader: ByteReader, _ content: String, _ shape: String, expected: Int, found: Int?
  ) -> Failure {
    let words =
      found.map { "\($0) bytes" } ?? "a \(reader.packing ?? "plain") stream of \(reader.size) bytes, too short for that"
    return Failure(
      .badData, at: reader.path,
      "expected \(shape) = \(expected) bytes of \(content), found \(words)"
        + (reader.isCutOff ? " (the packed stream is cut off)" : ""),
      cure: "the file is truncated: fetch it again"
        + (found == nil ? ", or unpack it first if you trust it" : ""))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
  }
}
