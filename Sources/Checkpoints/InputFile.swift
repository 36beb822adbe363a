import Diagnostics
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A regular file open for reading, with its size known before anything of it is read.
final class InputFile {
  let path: String
  /// Bytes.
  let size: Int
  private let descriptor: Int32

  /// Opens a file; what is not a regular file (a directory, a pipe, a device) is refused.
  init(_ path: String) throws {
    // O_NONBLOCK: opening a pipe that nobody writes would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Failure.system("open", path, errno: errno, reading: true) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Failure(.missingInput, at: path, "expected a file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Overwrites all of `bytes` with what the file holds from `offset` on; a shorter file is an error.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure.system("read", path, errno: errno, reading: true) }
      guard count > 0 else {
        throw Failure(.badData, at: path, "expected \(size) bytes, but the file ends after \(offset + done)")
      }
      done += count
    }
  }

  /// A copy of `range`, which must lie inside the file.
  func bytes(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      try read(
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count]),
        at: range.lowerBound)
      count = range.count
    }
  }

  /// SHA-256 of the whole file, read in pieces.
  func digest() throws -> Digest {
    var hash = StreamingDigest()
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    for start in stride(from: 0, to: size, by: piece.count) {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(piece.count, size - start)])
      try read(into: part, at: start)
      hash.update(UnsafeRawBufferPointer(part))
    }
    return hash.finish()
  }
}

/// The names in a directory, without `.` and `..`, in order of their bytes.
func directoryNames(_ path: String) throws -> [String] {
  guard let directory = opendir(path) else { throw Failure.system("open", path, errno: errno, reading: true) }
  defer { closedir(directory) }
  var names: [String] = []
  errno = 0
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
    errno = 0
  }
  guard errno == 0 else { throw Failure.system("read", path, errno: errno, reading: true) }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Whether a directory, or a link to one, is at `path`.
func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether anything at all is at `path`.
func exists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}
