import Diagnostics
import Foundation

/// A file that one process of a host, or of several on a file system with locks, holds at a time.
package enum FolderLock {
  /// Calls `body` while this process alone holds the lock; waits for whoever has it, and calls `wait` about once a second
  /// meanwhile. It goes with a process that is killed.
  package static func held<Result>(
    _ path: String, whileWaiting wait: () -> Void = {}, _ body: () throws -> Result
  ) throws -> Result {
    let descriptor = try opened(path)
    defer { close(descriptor) }
    var waits = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw Failure.system("lock", path, errno: errno) }
      if waits % 50 == 0 { wait() }
      waits += 1
      usleep(20_000)
    }
    return try body()
  }

  /// Calls `body` while this process alone holds the lock; nil where another one has it.
  package static func heldIfFree<Result>(_ path: String, _ body: () throws -> Result) throws -> Result? {
    let descriptor = try opened(path)
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return nil }
      guard errno == EINTR else { throw Failure.system("lock", path, errno: errno) }
    }
    return try body()
  }

  private static func opened(_ path: String) throws -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Failure.system("open", path, errno: errno, cure: "name a folder that can be written to")
    }
    return descriptor
  }
}
