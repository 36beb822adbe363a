import CZlibSystem
import Diagnostics

/// Unpacks a gzip stream of one or more members as it is asked for bytes; the one place that calls zlib for whole files.
///
/// Unlike `gzread` it takes trailing bytes that are no gzip member for the damage that they are; zeros alone, with which
/// tapes and block devices fill up their last block, are passed over, as `gzip` does.
final class Inflater: Unpacker {
  static let magic: [UInt8] = [0x1f, 0x8b]
  static let name = "gzip"
  // Deflate never packs better.
  static let mostRatio = 1032

  private(set) var isCutOff = false

  private let path: String
  /// zlib keeps the address.
  private let stream: UnsafeMutablePointer<z_stream>
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  private var membersDone = 0
  private var isBetweenMembers = false
  /// Whether the first zero behind a member was seen: all that follows must be zeros.
  private var isInPadding = false

  init(_ path: String) throws(Failure) {
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header and trailer with verified checksum.
    let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw Failure(.internal, at: path, "zlib does not start (code \(code))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    packed.deallocate()
  }

  func unpack(
    into buffer: UnsafeMutableRawBufferPointer,
    refill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    var count = 0
    while count < buffer.count {
      if stream.pointee.avail_in == 0 {
        let found = try refill(packed)
        if found == 0 {
          isCutOff = !isBetweenMembers
          break
        }
        stream.pointee.next_in = packed.baseAddress!.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_in = uInt(found)
      }
      if try skipPadding() { continue }
      isBetweenMembers = false
      let room = min(buffer.count - count, 1 << 30)
      stream.pointee.next_out = (buffer.baseAddress! + count).assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = uInt(room)
      let code = CZlibSystem.inflate(stream, Z_NO_FLUSH)
      count += room - Int(stream.pointee.avail_out)
      switch code {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END:
        isBetweenMembers = true
        membersDone += 1
        inflateReset(stream)
      default: throw damage(code)
      }
    }
    return count
  }

  /// Passes over what is left of the packed bytes where it is the padding behind the last member; false elsewhere.
  private func skipPadding() throws(Failure) -> Bool {
    let rest = UnsafeBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
    if isBetweenMembers, rest.first == 0 { isInPadding = true }
    guard isInPadding else { return false }
    guard rest.allSatisfy({ $0 == 0 }) else { throw trailingBytes }
    stream.pointee.avail_in = 0
    return true
  }

  private func damage(_ code: Int32) -> Failure {
    let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(code)"
    if membersDone > 0 && reason == "incorrect header check" { return trailingBytes }
    return Failure(
      .badData, at: path, "expected a sound gzip stream, found it damaged (\(reason))", cure: Self.damageCure)
  }

  private var trailingBytes: Failure {
    Failure(.badData, at: path, "expected the end of the gzip stream, found trailing bytes", cure: Self.damageCure)
  }
}
