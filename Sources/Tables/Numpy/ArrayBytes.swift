import CZlibSystem
import Diagnostics
import Files

/// The bytes of a file in the format of NumPy, wherever that is.
protocol ArrayBytes: AnyObject {
  /// How many there are.
  var size: Int { get }
  /// Overwrites all of `buffer` with the bytes from `offset` on, which must be there, and not before those that were read last.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws
}

/// A file of its own.
final class PlainBytes: ArrayBytes {
  private let file: RegularFile

  init(_ file: RegularFile) { self.file = file }

  var size: Int { file.size }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    try file.read(into: buffer, at: offset)
  }
}

/// A member of a ZIP archive. Where it is read from first to last, its checksum is verified.
final class ZipBytes: ArrayBytes {
  let size: Int
  private let file: RegularFile
  private let member: ZipArchive.Member
  private let start: Int
  /// Unpacked bytes that were read.
  private var place = 0
  /// Of these; nil where some were passed over.
  private var checksum: UInt? = crc32(0, nil, 0)
  private var inflater: RawInflater?

  init(_ member: ZipArchive.Member, in archive: ZipArchive) throws {
    (file, self.member, size) = (archive.file, member, member.size)
    start = try archive.start(of: member)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    precondition(offset + buffer.count <= size, "bytes up to \(offset + buffer.count) of \(size)")
    if offset != place { try skip(to: offset) }
    try readNext(into: buffer)
  }

  private func skip(to offset: Int) throws {
    guard member.method == 8 else {
      (place, checksum) = (offset, nil)
      return
    }
    precondition(offset > place, "packed bytes from \(offset) on, behind \(place)")
    let nowhere = UnsafeMutableRawBufferPointer.allocate(byteCount: min(offset - place, 1 << 16), alignment: 64)
    defer { nowhere.deallocate() }
    while place < offset {
      try readNext(into: UnsafeMutableRawBufferPointer(rebasing: nowhere[..<min(nowhere.count, offset - place)]))
    }
  }

  private func readNext(into buffer: UnsafeMutableRawBufferPointer) throws {
    guard let bytes = buffer.baseAddress, buffer.count > 0 else { return }
    if member.method == 8 {
      let inflater = try inflater ?? RawInflater()
      self.inflater = inflater
      guard try inflater.inflate(into: buffer, from: file, start..<start + member.packed) else { throw damaged }
    } else {
      try file.read(into: buffer, at: start + place)
    }
    place += buffer.count
    checksum = checksum.map { crc32_z($0, bytes.assumingMemoryBound(to: UInt8.self), buffer.count) }
    guard place < size || checksum == nil || checksum == UInt(member.checksum) else { throw damaged }
  }

  private var damaged: Failure {
    Failure(
      .badData, at: file.path, "member '\(member.name.shown())': expected sound bytes, found them damaged",
      cure: "fetch the file again and compare its checksum")
  }
}

/// Unpacks a deflate stream without a header, as members of a ZIP archive are.
private final class RawInflater {
  /// zlib keeps the address.
  private let stream: UnsafeMutablePointer<z_stream>
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
  /// Packed bytes that were read.
  private var taken = 0

  init() throws {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window; negative: no header.
    let code = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw Failure(.internal, "zlib does not start (code \(code))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    packed.deallocate()
  }

  /// Overwrites all of `buffer` with what comes of the bytes of a file in `range`; false where they are damaged, or end before.
  func inflate(
    into buffer: UnsafeMutableRawBufferPointer, from file: RegularFile, _ range: Range<Int>
  ) throws -> Bool {
    var count = 0
    while count < buffer.count {
      if stream.pointee.avail_in == 0 {
        let more = min(packed.count, range.count - taken)
        guard more > 0 else { return false }
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: packed[..<more]), at: range.lowerBound + taken)
        taken += more
        stream.pointee.next_in = packed.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_in = uInt(more)
      }
      let room = min(buffer.count - count, 1 << 30)
      stream.pointee.next_out = buffer.baseAddress.map { ($0 + count).assumingMemoryBound(to: Bytef.self) }
      stream.pointee.avail_out = uInt(room)
      let code = CZlibSystem.inflate(stream, Z_NO_FLUSH)
      count += room - Int(stream.pointee.avail_out)
      if code == Z_STREAM_END { return count == buffer.count }
      guard code == Z_OK || code == Z_BUF_ERROR else { return false }
    }
    return true
  }
}
