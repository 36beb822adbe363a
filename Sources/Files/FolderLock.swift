import Diagnostics
import Foundation

/// A file that one process of a host, or of several on a file system with locks, holds at a time.
package enum FolderLock {
  /// Calls `body` while this process alone holds the lock; waits for whoever has it, and calls `wait` about once a second
  /// meanwhile. It goes with a process that is killed; the file goes with the one that held it last, if it may.
  ///
  /// Whoever holds the lock of a file that has its name no more, since the one before it has removed it, takes the next one:
  /// so no two hold what has the name.
  package static func held<Result>(
    _ path: String, whileWaiting wait: () -> Void = {}, _ body: () throws -> Result
  ) throws -> Result {
    var waits = 0
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw Failure.system("open", path, errno: errno, cure: "name a folder that can be written to")
      }
      defer { close(descriptor) }
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else { throw Failure.system("lock", path, errno: errno) }
        if waits % 50 == 0 { wait() }
        waits += 1
        usleep(20_000)
      }
      guard isStill(descriptor, path) else { continue }
      defer { unlink(path) }
      return try TemporaryPaths.holding(path, body)
    }
  }

  /// Calls `body` while this process alone holds the lock, and removes it; nil where somebody has it, or it may not be opened.
  package static func ifFree<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isStill(descriptor, path) else { return nil }
    defer { unlink(path) }
    return try TemporaryPaths.holding(path, body)
  }

  /// Whether the open file is the one of this name.
  static func isStill(_ descriptor: Int32, _ name: String) -> Bool {
    var (own, named) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, lstat(name, &named) == 0 else { return false }
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino
  }
}
