import Diagnostics
import Glibc

/// What tells whether a file was written to or replaced, without reading it.
package struct FileState: Equatable, Sendable {
  private let identity: FileIdentity
  private let size: Int
  private let seconds: Int
  private let nanoseconds: Int

  /// Throws a missing input (66) where there is no such file.
  package init(_ path: String) throws(Failure) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Failure.system("stat", path, errno: errno, reading: true, cure: "check the path and its permissions")
    }
    (identity, size) = (FileIdentity(status), Int(status.st_size))
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }
}

/// What tells a file or a folder from all others, whatever path leads to it.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt
  private let number: UInt

  /// nil where there is none.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    (device, number) = (UInt(status.st_dev), UInt(status.st_ino))
  }
}
