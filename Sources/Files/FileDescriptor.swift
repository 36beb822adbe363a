import Diagnostics
import Glibc

/// An open file, which is closed with its owner.
final class FileDescriptor {
  let number: Int32
  private init(_ number: Int32) { self.number = number }
  deinit { close(number) }

  /// Opens `path` for reading, and tells what it is.
  ///
  /// - Parameters:
  ///   - waits: whether to wait for somebody who writes, where it is a named pipe.
  ///   - cure: for the failure of a file that is not there, or not to be read.
  static func reading(
    _ path: String, waits: Bool, cure: String?
  ) throws(Failure) -> (file: FileDescriptor, status: stat) {
    let number = open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK))
    guard number >= 0 else { throw Failure.system("open", path, errno: errno, reading: true, cure: cure) }
    let file = FileDescriptor(number)
    var status = stat()
    guard fstat(number, &status) == 0 else { throw Failure.system("stat", path, errno: errno) }
    return (file, status)
  }

  /// A second descriptor of one that is open; throws where it is not.
  static func copy(of number: Int32, called path: String) throws(Failure) -> FileDescriptor {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw Failure.system("open", path, errno: errno, reading: true) }
    return FileDescriptor(copy)
  }

  /// Overwrites `buffer` with the next bytes and returns how many: fewer than asked for only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, of path: String) throws(Failure) -> Int {
    var count = 0
    while count < buffer.count {
      let found = Glibc.read(number, buffer.baseAddress! + count, buffer.count - count)
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
