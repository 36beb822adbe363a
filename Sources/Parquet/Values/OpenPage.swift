/// A page of values that is being read.
struct OpenPage {
  let bytes: [UInt8]
  /// Rows that are still to come.
  var left: Int
  var values: ValueDecoder
  /// Which rows are missing; nil: none is.
  private var levels: RunLengthDecoder?
  /// How many of those to come are missing, where the page says so.
  private var missing: Int?

  init(_ page: Page, _ type: FlatType) throws {
    (left, missing) = (page.count, page.missing)
    values = try ValueDecoder(page.encoding, page.values, of: page.bytes, type)
    guard let found = page.levels, found.encoding == .bitPacked else {
      bytes = page.bytes
      levels = try page.levels.map { try RunLengthDecoder($0.range, width: 1) }
      return
    }
    // Old files have the highest bit first.
    var turned = page.bytes
    for place in found.range { turned[place] = Self.turned(turned[place]) }
    bytes = turned
    levels = RunLengthDecoder(packedBits: found.range)
  }

  /// The bits of a byte in the other order.
  private static func turned(_ byte: UInt8) -> UInt8 {
    var (rest, turned) = (byte, UInt8(0))
    for _ in 0..<8 { (turned, rest) = (turned << 1 | rest & 1, rest >> 1) }
    return turned
  }

  /// A dictionary, whose values are packed as PLAIN whatever it is called.
  init(dictionary page: Page) {
    (bytes, left, levels, missing) = (page.bytes, page.count, nil, nil)
    values = .plain(ByteCursor(page.values))
  }

  /// Overwrites `flags` with which of the next `count` rows are missing; returns how many are not.
  mutating func present(_ count: Int, into flags: UnsafeMutablePointer<Bool>?) throws -> Int {
    left -= count
    guard var levels, let flags else {
      flags?.update(repeating: false, count: count)
      return count
    }
    let present = try bytes.withUnsafeBytes {
      try levels.nextFlags(count, of: $0, isFlipped: true, into: UnsafeMutableRawPointer(flags))
    }
    self.levels = levels
    if let missing {
      let rest = missing - (count - present)
      guard rest >= 0, left > 0 || rest == 0 else {
        throw Fault(
          "expected as many missing values in a page as its header says, found \(rest > 0 ? "fewer" : "more")")
      }
      self.missing = rest
    }
    return present
  }

  /// Overwrites `ranges` with where the next `count` texts lie: in the bytes that it returns, or where that is nil in those
  /// of the page. Not for places in a dictionary.
  mutating func ranges(
    _ count: Int, _ type: FlatType, into ranges: UnsafeMutablePointer<ByteRange>, _ scratch: Scratch
  ) throws -> [UInt8]? {
    let page = bytes
    return try page.withUnsafeBytes { bytes -> [UInt8]? in
      switch values {
      case .plain(var cursor):
        if type.width > 0 {
          guard count <= cursor.left / type.width else { throw Self.tooFew(count) }
          for index in 0..<count {
            let start = cursor.position + index * type.width
            ranges[index] = ByteRange(start, start + type.width)
          }
          cursor.position += count * type.width
        } else {
          try Self.readLengths(count, of: bytes, &cursor, into: ranges)
        }
        values = .plain(cursor)
        return nil
      case .lengths(var lengths, var cursor):
        let numbers = scratch.values(count, of: Int64.self)
        try lengths.next(count, of: bytes, into: numbers)
        for index in 0..<count {
          guard 0...Int64(cursor.left) ~= numbers[index] else {
            throw Fault("expected texts of at most \(cursor.left) bytes, found \(numbers[index])")
          }
          let end = cursor.position + Int(numbers[index])
          ranges[index] = ByteRange(cursor.position, end)
          cursor.position = end
        }
        values = .lengths(lengths, cursor)
        return nil
      case .prefixes(var prefixes):
        let texts = try prefixes.next(count, of: bytes, into: ranges, scratch)
        values = .prefixes(prefixes)
        guard type.width == 0 || (0..<count).allSatisfy({ ranges[$0].range.count == type.width }) else {
          throw Fault("expected values of \(type.width) bytes, found others")
        }
        return texts
      case .split(var split):
        let texts = try [UInt8](unsafeUninitializedCapacity: count * type.width) { buffer, filled in
          if count > 0 { try split.next(count, of: bytes, into: UnsafeMutableRawPointer(buffer.baseAddress!)) }
          filled = count * type.width
        }
        for index in 0..<count { ranges[index] = ByteRange(index * type.width, (index + 1) * type.width) }
        values = .split(split)
        return texts
      case .bits, .runs, .dictionary, .delta: preconditionFailure("texts of \(type)")
      }
    }
  }

  /// Texts, each behind its length.
  private static func readLengths(
    _ count: Int, of bytes: UnsafeRawBufferPointer, _ cursor: inout ByteCursor,
    into ranges: UnsafeMutablePointer<ByteRange>
  ) throws {
    guard count > 0 else { return }
    let (base, end) = (bytes.baseAddress!, cursor.end)
    var position = cursor.position
    for index in 0..<count {
      guard position + 4 <= end else { throw tooFew(count - index) }
      let start = position + 4
      let size = Int(base.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      guard size <= end - start else { throw Fault("expected texts of at most \(end - start) bytes, found \(size)") }
      ranges[index] = ByteRange(start, start + size)
      position = start + size
    }
    cursor.position = position
  }

  static func tooFew(_ count: Int) -> Fault { Fault("expected \(count) more values in a page, found its end") }
}
