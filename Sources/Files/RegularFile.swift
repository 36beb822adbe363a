import Diagnostics
import Glibc

/// A regular file open for reading, with its size known before anything of it is read.
package final class RegularFile {
  package let path: String
  /// Bytes.
  package let size: Int
  private let file: FileDescriptor

  /// Opens a file; what is not a regular file (a directory, a pipe, a device) is refused.
  ///
  /// - Parameter cure: for a file that is not there, or not to be read. With it, a refusal tells what was found.
  package init(_ path: String, cure: String? = nil) throws(Failure) {
    // Without waiting: opening a pipe that nobody writes would take for ever.
    let (file, status) = try FileDescriptor.reading(path, waits: false, cure: cure)
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      guard cure != nil else { throw Failure(.missingInput, at: path, "expected a file") }
      throw Failure(
        .missingInput, at: path, "expected a file, found \(kind == S_IFDIR ? "a directory" : "a device or pipe")",
        cure: "name the file itself")
    }
    (self.path, self.file, size) = (path, file, Int(status.st_size))
  }

  /// Overwrites all of `bytes` with what the file holds from `offset` on; a shorter file is an error.
  package func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let count = pread(file.number, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure.system("read", path, errno: errno, reading: true) }
      guard count > 0 else {
        throw Failure(.badData, at: path, "expected \(size) bytes, but the file ends after \(offset + done)")
      }
      done += count
    }
  }

  /// Overwrites `buffer` with the bytes behind those that this has read before, and returns how many: fewer than asked
  /// for only at the end.
  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    try file.read(into: buffer, of: path)
  }

  /// A copy of `range`, which must lie inside the file.
  package func bytes(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      try read(
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count]),
        at: range.lowerBound)
      count = range.count
    }
  }

  /// The first bytes, `most` of them where the file has so many and they can be read.
  func prefix(_ most: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      count = max(0, pread(file.number, buffer.baseAddress!, most, 0))
    }
  }
}
