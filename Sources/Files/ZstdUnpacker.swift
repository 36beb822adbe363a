import CZstdSystem
import Diagnostics

/// Unpacks a zstd stream of one or more frames (RFC 8878) as it is asked for bytes.
///
/// Frames that ask for a window of more than 128 MiB are refused, as the zstd command does.
final class ZstdUnpacker: Unpacker {
  static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
  static let name = "zstd"
  // A block of 128 KiB may be a byte that is repeated, in four.
  static let mostRatio = 1 << 15

  private(set) var isCutOff = false

  private let path: String
  private let stream: OpaquePointer
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  /// Of the packed bytes, those that are not yet unpacked.
  private var rest = 0..<0
  private var isBetweenFrames = true
  private var framesDone = 0

  init(_ path: String) throws(Failure) {
    guard let stream = ZSTD_createDStream() else { throw Failure(.internal, at: path, "zstd does not start") }
    (self.path, self.stream) = (path, stream)
  }

  deinit {
    ZSTD_freeDStream(stream)
    packed.deallocate()
  }

  func unpack(
    into buffer: UnsafeMutableRawBufferPointer,
    refill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
    while output.pos < output.size {
      if rest.isEmpty {
        rest = 0..<(try refill(packed))
        if rest.isEmpty {
          isCutOff = !isBetweenFrames
          break
        }
      }
      var input = ZSTD_inBuffer(src: packed.baseAddress, size: rest.upperBound, pos: rest.lowerBound)
      let code = ZSTD_decompressStream(stream, &output, &input)
      guard ZSTD_isError(code) == 0 else { throw damage(code) }
      rest = input.pos..<rest.upperBound
      isBetweenFrames = code == 0
      if isBetweenFrames { framesDone += 1 }
    }
    return output.pos
  }

  private func damage(_ code: Int) -> Failure {
    if isBetweenFrames, framesDone > 0, ZSTD_getErrorCode(code) == ZSTD_error_prefix_unknown {
      return Failure(
        .badData, at: path, "expected the end of the zstd stream, found trailing bytes", cure: Self.damageCure)
    }
    let reason = String(cString: ZSTD_getErrorName(code))
    return Failure(
      .badData, at: path, "expected a sound zstd stream, found it damaged (\(reason))", cure: Self.damageCure)
  }
}
