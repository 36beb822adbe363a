import Diagnostics

/// The bytes of a regular file from first to last, unpacked where the content, not the name, says gzip.
package final class ByteReader {
  package let path: String
  private let file: RegularFile
  private var inflater: Inflater?
  /// Bytes that were unpacked.
  private var unpacked = 0

  /// Opens `path`; throws a missing input (66) where there is no such file or it cannot be read.
  package init(_ path: String) throws(Failure) {
    self.path = path
    file = try RegularFile(path, cure: "check the path and its permissions")
    if file.prefix(2) == Inflater.magic { inflater = try Inflater(path) }
  }

  /// Bytes of the file as it lies on disk.
  package var size: Int { file.size }

  /// Whether the file is a gzip stream.
  package var isPacked: Bool { inflater != nil }

  /// Bytes that the file holds at most: exact for a plain file.
  ///
  /// Deflate never packs better than 1032 to 1. Data do not come near that, but a small file made to fill memory does:
  /// what unpacks to more than `unquestionedBytes` must not exceed `plausibleRatio`.
  package var mostBytes: Int {
    guard isPacked else { return size }
    let size = min(size, .max >> 11)
    return min(1032 * size, max(Self.unquestionedBytes, Self.plausibleRatio * size))
  }

  private static let unquestionedBytes = 64 << 20
  private static let plausibleRatio = 200

  /// The first bytes of the file as it lies on disk, 512 at most.
  package var head: [UInt8] { file.prefix(512) }

  /// Whether the last `read` ran into the end of a gzip stream that had not come to its own end.
  package var isCutOff: Bool { inflater?.isCutOff ?? false }

  /// Overwrites `buffer` with the next bytes and returns how many: fewer than asked for only at the end.
  ///
  /// Reading past a gzip stream's last byte verifies its checksum; a damaged one throws bad data, and so does one that
  /// unpacks to more than `mostBytes`: the limit holds for every source, as there is no other way to the bytes.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    if let inflater {
      let found = try inflater.inflate(into: buffer) { (packed) throws(Failure) in
        try self.file.readNext(into: packed)
      }
      unpacked += found
      guard unpacked <= mostBytes else {
        throw Failure(
          .badData, at: path, "expected at most \(mostBytes) bytes from a gzip stream of \(size), found more",
          cure: "unpack the file first if you trust it")
      }
      return found
    }
    return try file.readNext(into: buffer)
  }

  /// Whether all bytes have been read; a gzip stream's checksum is verified by then.
  package func isAtEnd() throws(Failure) -> Bool {
    let byte = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
    defer { byte.deallocate() }
    return try read(into: byte) == 0
  }
}
