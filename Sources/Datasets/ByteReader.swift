import Diagnostics
import Glibc

/// The bytes of a regular file from first to last, unpacked where the content, not the name, says gzip.
final class ByteReader {
  let path: String
  /// Bytes of the file as it lies on disk.
  let size: Int
  private let file: FileDescriptor
  private var inflater: Inflater?

  /// Opens `path`; throws a missing input (66) where there is no such file or it cannot be read.
  init(_ path: String) throws(Failure) {
    self.path = path
    // Without O_NONBLOCK a named pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Failure.system("open", path, errno: errno, reading: true, cure: "check the path and its permissions")
    }
    file = FileDescriptor(descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure.system("stat", path, errno: errno) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      throw Failure(
        .missingInput, at: path, "expected a file, found \(kind == S_IFDIR ? "a directory" : "a device or pipe")",
        cure: "name the file itself")
    }
    size = Int(status.st_size)
    var magic: [UInt8] = [0, 0]
    if pread(descriptor, &magic, 2, 0) == 2, magic == Inflater.magic { inflater = try Inflater(path) }
  }

  /// Whether the file is a gzip stream.
  var isPacked: Bool { inflater != nil }

  /// Bytes that the file holds at most: exact for a plain file.
  ///
  /// Deflate never packs better than 1032 to 1. Data do not come near that, but a small file made to fill memory does:
  /// what unpacks to more than `unquestionedBytes` must not exceed `plausibleRatio`.
  var mostBytes: Int {
    guard isPacked else { return size }
    let size = min(size, .max >> 11)
    return min(1032 * size, max(Self.unquestionedBytes, Self.plausibleRatio * size))
  }

  private static let unquestionedBytes = 64 << 20
  private static let plausibleRatio = 200

  /// The first bytes of the file as it lies on disk, 512 at most.
  var head: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 512) { buffer, count in
      count = max(0, pread(file.number, buffer.baseAddress!, 512, 0))
    }
  }

  /// Whether the last `read` ran into the end of a gzip stream that had not come to its own end.
  var isCutOff: Bool { inflater?.isCutOff ?? false }

  /// Overwrites `buffer` with the next bytes and returns how many: fewer than asked for only at the end.
  ///
  /// Reading past a gzip stream's last byte verifies its checksum; a damaged one throws bad data.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    if let inflater {
      return try inflater.inflate(into: buffer) { (packed) throws(Failure) in try self.fill(packed) }
    }
    return try fill(buffer)
  }

  /// Whether all bytes have been read; a gzip stream's checksum is verified by then.
  func isAtEnd() throws(Failure) -> Bool {
    let byte = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
    defer { byte.deallocate() }
    return try read(into: byte) == 0
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var count = 0
    while count < buffer.count {
      let found = Glibc.read(file.number, buffer.baseAddress! + count, buffer.count - count)
      if found == 0 { break }
      if found < 0 {
        if errno == EINTR { continue }
        throw Failure.system("read", path, errno: errno, reading: true)
      }
      count += found
    }
    return count
  }
}

/// Closes a file descriptor with its owner.
private final class FileDescriptor {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { close(number) }
}
