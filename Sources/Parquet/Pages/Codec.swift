import CBrotliSystem
import CLZ4System
import CSnappySystem
import CZlibSystem
import CZstdSystem
import Host

/// How the bytes of a page are packed, as files number it; the one place that calls the libraries for it.
enum Codec: Int {
  case none, snappy, gzip, lzo, brotli, lz4Framed, zstd, lz4

  /// The format's own word for it.
  var word: String {
    switch self {
    case .none: "UNCOMPRESSED"
    case .snappy: "SNAPPY"
    case .gzip: "GZIP"
    case .lzo: "LZO"
    case .brotli: "BROTLI"
    case .lz4Framed: "LZ4"
    case .zstd: "ZSTD"
    case .lz4: "LZ4_RAW"
    }
  }

  init(number: Int) throws {
    guard let codec = Codec(rawValue: number), codec != .lzo else {
      throw Fault(
        "expected a codec that is known, found \(Codec(rawValue: number)?.word ?? "\(number)")",
        cure: "write the file again with ZSTD or SNAPPY")
    }
    self = codec
  }

  /// Bytes that one packed byte comes to at most, by the form of each codec; brotli has no bound of use.
  private var bestRatio: Int {
    switch self {
    case .none: 1
    case .snappy: 22
    case .gzip: 1032
    case .lz4Framed, .lz4: 255
    case .zstd: 1 << 15
    case .lzo, .brotli: 1 << 24
    }
  }

  /// What a page may unpack to without further questions.
  private static let unquestionedBytes = 64 << 20
  /// The part of this process's memory that one page may take.
  private static let shareOfMemory = 4

  /// Refuses a page that claims to unpack to more than it can, or than there is memory for. Neither is negative.
  func requirePlausible(packed: Int, unpacked: Int) throws {
    guard self != .none else {
      guard packed == unpacked else {
        throw Fault("expected as many bytes in a page without codec as unpacked ones, \(unpacked), found \(packed)")
      }
      return
    }
    let most = packed * bestRatio + 64
    guard unpacked <= most else {
      throw Fault("expected at most \(most) bytes of a page of \(packed) packed by \(word), found \(unpacked)")
    }
    let room = max(Self.unquestionedBytes, ProcessMemory.ofThisProcess.bytes / Self.shareOfMemory)
    guard unpacked <= room else {
      throw Fault(
        "expected pages of at most \(room) bytes, for which there is memory here, found \(unpacked)",
        cure: "take a host with more memory, or write the file again with smaller pages")
    }
  }

  /// Overwrites all of `bytes` with what `packed` unpacks to; throws a `Fault` where that is less, more, or damaged.
  func unpack(_ packed: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    guard !packed.isEmpty else { throw Fault("expected a page of \(bytes.count) bytes, found none packed by \(word)") }
    let isWhole =
      switch self {
      case .none: copy(packed, into: bytes)
      case .snappy: unpackSnappy(packed, into: bytes)
      case .gzip: unpackGzip(packed, into: bytes)
      case .lzo: false
      case .brotli: unpackBrotli(packed, into: bytes)
      case .lz4Framed: unpackFramedLZ4(packed, into: bytes) || unpackLZ4(packed, into: bytes)
      case .zstd: ZSTD_decompress(bytes.baseAddress, bytes.count, packed.baseAddress, packed.count) == bytes.count
      case .lz4: unpackLZ4(packed, into: bytes)
      }
    guard isWhole else {
      throw Fault("expected a page of \(bytes.count) bytes packed by \(word), found it damaged, or of another size")
    }
  }

  /// Packs the bytes of a page; files are written without a codec, or with ZSTD.
  func pack(_ bytes: [UInt8]) -> [UInt8] {
    guard self == .zstd else {
      precondition(self == .none, "packing by \(word)")
      return bytes
    }
    return [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
      count = bytes.withUnsafeBytes {
        ZSTD_compress(buffer.baseAddress, buffer.count, $0.baseAddress, $0.count, Self.zstdLevel)
      }
      precondition(ZSTD_isError(count) == 0, "ZSTD does not pack \(bytes.count) bytes into \(buffer.count)")
    }
  }

  /// ZSTD's own default.
  private static let zstdLevel: Int32 = 3
}

// Each returns whether exactly all of the bytes came.

private func copy(_ packed: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
  guard packed.count == bytes.count else { return false }
  bytes.copyMemory(from: packed)
  return true
}

private func unpackSnappy(_ packed: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
  let (from, to) = (packed.assumingMemoryBound(to: CChar.self), bytes.assumingMemoryBound(to: CChar.self))
  var count = 0
  guard snappy_uncompressed_length(from.baseAddress, from.count, &count) == SNAPPY_OK, count == bytes.count else {
    return false
  }
  return snappy_uncompress(from.baseAddress, from.count, to.baseAddress, &count) == SNAPPY_OK && count == bytes.count
}

private func unpackLZ4(_ packed: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
  let (from, to) = (packed.assumingMemoryBound(to: CChar.self), bytes.assumingMemoryBound(to: CChar.self))
  // Sizes of pages are 32 bits.
  let (size, room) = (Int32(clamping: from.count), Int32(clamping: to.count))
  return LZ4_decompress_safe(from.baseAddress, to.baseAddress, size, room) == room
}

/// Hadoop's form: blocks, each behind its unpacked and its packed size, big end first.
private func unpackFramedLZ4(_ packed: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
  var (place, done) = (0, 0)
  while place < packed.count {
    guard packed.count - place >= 8 else { return false }
    let unpackedSize = Int(UInt32(bigEndian: packed.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
    let size = Int(UInt32(bigEndian: packed.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)))
    place += 8
    guard size <= packed.count - place, unpackedSize <= bytes.count - done, size > 0, unpackedSize > 0 else {
      return false
    }
    let isWhole = unpackLZ4(
      UnsafeRawBufferPointer(rebasing: packed[place..<place + size]),
      into: UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + unpackedSize]))
    guard isWhole else { return false }
    (place, done) = (place + size, done + unpackedSize)
  }
  return done == bytes.count
}

private func unpackBrotli(_ packed: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
  let (from, to) = (packed.assumingMemoryBound(to: UInt8.self), bytes.assumingMemoryBound(to: UInt8.self))
  var count = to.count
  let result = BrotliDecoderDecompress(from.count, from.baseAddress!, &count, to.baseAddress!)
  return result == BROTLI_DECODER_RESULT_SUCCESS && count == to.count
}

/// One gzip or zlib stream, or several gzip members.
private func unpackGzip(_ packed: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
  var stream = z_stream()
  // 15 bits of window, and 32 to find out the header.
  let size = Int32(MemoryLayout<z_stream>.size)
  // zlib keeps the address.
  return withUnsafeMutablePointer(to: &stream) { stream in
    guard inflateInit2_(stream, 15 + 32, ZLIB_VERSION, size) == Z_OK else { return false }
    defer { inflateEnd(stream) }
    let from = packed.assumingMemoryBound(to: Bytef.self)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: from.baseAddress!)
    stream.pointee.avail_in = uInt(clamping: from.count)
    stream.pointee.next_out = bytes.assumingMemoryBound(to: Bytef.self).baseAddress!
    stream.pointee.avail_out = uInt(clamping: bytes.count)
    while true {
      guard inflate(stream, Z_FINISH) == Z_STREAM_END else { return false }
      if stream.pointee.avail_out == 0 { return true }
      guard stream.pointee.avail_in > 0, inflateReset(stream) == Z_OK else { return false }
    }
  }
}
