/// The values of a page that are still to come, packed in one of the format's ways. It keeps its place in the page's bytes
/// alone, which each call is given anew.
enum ValueDecoder {
  /// One behind the other; of texts, each behind its length.
  case plain(ByteCursor)
  /// Truths of a bit each: the next, and the end.
  case bits(next: Int, end: Int)
  /// Truths in runs.
  case runs(RunLengthDecoder)
  /// Places in a dictionary.
  case dictionary(RunLengthDecoder)
  case delta(DeltaDecoder)
  /// The lengths of texts, and then the texts.
  case lengths(DeltaDecoder, ByteCursor)
  case prefixes(PrefixDecoder)
  case split(SplitDecoder)

  /// Throws a `Fault` where values of the type cannot be packed so.
  init(_ encoding: Encoding, _ range: Range<Int>, of bytes: [UInt8], _ type: FlatType) throws {
    let isTruth = type.physical == .boolean
    self = try bytes.withUnsafeBytes { bytes -> ValueDecoder in
      switch (encoding, type.physical) {
      // Where all values are missing, nothing may be there.
      case _ where range.isEmpty: isTruth ? .bits(next: 0, end: 0) : .plain(ByteCursor(range))
      case (.plain, _):
        isTruth ? .bits(next: 8 * range.lowerBound, end: 8 * range.upperBound) : .plain(ByteCursor(range))
      case (.runLength, .boolean): .runs(try Self.truths(range, bytes))
      case (.dictionary, _) where !isTruth, (.plainDictionary, _) where !isTruth:
        .dictionary(
          try RunLengthDecoder(range.lowerBound + 1..<range.upperBound, width: Int(bytes[range.lowerBound])))
      case (.deltaBinary, .int32), (.deltaBinary, .int64): .delta(try DeltaDecoder(range, of: bytes))
      case (.deltaLength, .bytes): try Self.lengths(range, bytes)
      case (.deltaBytes, .bytes), (.deltaBytes, .fixedBytes): .prefixes(try PrefixDecoder(range, of: bytes))
      case (.split, .int32), (.split, .int64), (.split, .float), (.split, .double), (.split, .fixedBytes):
        .split(try SplitDecoder(range, width: type.width))
      default:
        throw Fault(
          "expected an encoding of \(type.physical.word), found \(encoding.word)",
          cure: "write the column with another encoding, or leave it out")
      }
    }
  }

  /// Runs behind the number of their bytes.
  private static func truths(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws -> RunLengthDecoder {
    guard range.count >= 4 else { throw Fault("expected runs in a page, found \(range.count) bytes") }
    let size = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt32.self)))
    guard size <= range.count - 4 else {
      throw Fault("expected at most \(range.count - 4) bytes of runs, found \(size)")
    }
    return try RunLengthDecoder(range.lowerBound + 4..<range.lowerBound + 4 + size, width: 1)
  }

  private static func lengths(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws -> ValueDecoder {
    let lengths = try DeltaDecoder(range, of: bytes)
    return .lengths(lengths, ByteCursor(try lengths.end(in: bytes)..<range.upperBound))
  }
}

/// Values whose first bytes stand together, and then all second ones, and so on (BYTE_STREAM_SPLIT).
struct SplitDecoder {
  private let start: Int
  private let width: Int
  private let count: Int
  private var index = 0

  init(_ range: Range<Int>, width: Int) throws {
    guard range.count % width == 0 else {
      throw Fault("expected values of \(width) bytes in a page, found \(range.count) bytes in all")
    }
    (start, self.width, count) = (range.lowerBound, width, range.count / width)
  }

  /// Overwrites `raw` with the next `count` values, as PLAIN has them.
  mutating func next(_ count: Int, of bytes: UnsafeRawBufferPointer, into raw: UnsafeMutableRawPointer) throws {
    guard count <= self.count - index else {
      throw Fault("expected \(count) more values in a page, found \(self.count - index)")
    }
    let values = raw.assumingMemoryBound(to: UInt8.self)
    for place in 0..<width {
      let stream = bytes.baseAddress! + start + place * self.count + index
      for value in 0..<count {
        values[value &* width &+ place] = stream.load(fromByteOffset: value, as: UInt8.self)
      }
    }
    index += count
  }
}

/// Texts without what each has in common with the one before it (DELTA_BYTE_ARRAY).
struct PrefixDecoder {
  private var prefixes: DeltaDecoder
  private var suffixes: DeltaDecoder
  private var cursor: ByteCursor
  private var last: [UInt8] = []

  /// Bytes that one call may make of a page: a page of a few bytes can hold a text of a megabyte a million times.
  private static let mostBytes = 1 << 30

  init(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) throws {
    prefixes = try DeltaDecoder(range, of: bytes)
    suffixes = try DeltaDecoder(try prefixes.end(in: bytes)..<range.upperBound, of: bytes)
    cursor = ByteCursor(try suffixes.end(in: bytes)..<range.upperBound)
  }

  /// Overwrites `ranges` with where the next `count` texts lie in the bytes that it returns.
  mutating func next(
    _ count: Int, of bytes: UnsafeRawBufferPointer, into ranges: UnsafeMutablePointer<ByteRange>, _ scratch: Scratch
  ) throws -> [UInt8] {
    let numbers = scratch.values(2 * count, of: Int64.self)
    try prefixes.next(count, of: bytes, into: numbers)
    try suffixes.next(count, of: bytes, into: numbers + count)
    var (size, before, left) = (0, last.count, cursor.left)
    for index in 0..<count {
      let (prefix, suffix) = (numbers[index], numbers[count + index])
      guard 0...Int64(before) ~= prefix, 0...Int64(left) ~= suffix else {
        throw Fault(
          "expected texts with up to \(before) bytes of the one before and \(left) more, found \(prefix) and \(suffix)")
      }
      before = Int(prefix + suffix)
      (size, left) = (size + before, left - Int(suffix))
      guard size <= Self.mostBytes else {
        throw Fault(
          "expected at most \(Self.mostBytes) bytes of text in \(count) rows, found more",
          cure: "leave it out of the columns, or write it with another encoding")
      }
    }
    let first = last
    var position = cursor.position
    let texts = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      var place = 0
      first.withUnsafeBytes { first in
        let start = UnsafeMutableRawPointer(buffer.baseAddress ?? UnsafeMutablePointer<UInt8>(bitPattern: 64)!)
        var before = first.baseAddress ?? UnsafeRawPointer(start)
        for index in 0..<count {
          let (prefix, suffix) = (Int(numbers[index]), Int(numbers[count + index]))
          let text = start + place
          text.copyMemory(from: before, byteCount: prefix)
          (text + prefix).copyMemory(from: bytes.baseAddress! + position, byteCount: suffix)
          position += suffix
          ranges[index] = ByteRange(place, place + prefix + suffix)
          place += prefix + suffix
          before = UnsafeRawPointer(text)
        }
      }
      filled = size
    }
    cursor.position = position
    if count > 0 { last = Array(texts[ranges[count - 1].range]) }
    return texts
  }
}
