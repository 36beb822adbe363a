import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Keeps a second process from writing to the same run directory; the kernel lifts it when its owner ends.
///
/// It holds the directory itself, whatever its path comes to lead to: another run may begin there after this one's
/// directory was removed.
final class DirectoryLock: Sendable {
  private let directory: String
  private let descriptor: Int32

  init(_ directory: String) throws {
    self.directory = directory
    descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system("open", directory, errno: errno) }
    // Other errors mean that the file system has no locks; then nothing is kept away, and nothing is lost.
    if flock(descriptor, LOCK_EX | LOCK_NB) < 0, errno == EWOULDBLOCK {
      // What is thrown here ends in `deinit`, which closes. Twice would close a file that another thread has just opened.
      throw Failure(
        .inputOutput, at: directory, "another process writes to this run directory",
        cure: "wait for it to end or choose another directory")
    }
  }

  /// Throws missing input (66) where the path leads to another directory by now, or to none.
  ///
  /// As long as the descriptor is open, the inode's number is given to no other directory.
  func requireSame() throws {
    func gone(_ fault: String, cure: String) -> Failure {
      Failure(.missingInput, at: directory, "the run directory was \(fault) while this run went on", cure: cure)
    }
    var (own, there) = (stat(), stat())
    guard stat(directory, &there) == 0 else {
      guard [ENOENT, ENOTDIR, ESTALE].contains(errno) else { throw Failure.system("stat", directory, errno: errno) }
      throw gone("removed or renamed", cure: "give it its name back and go on with --resume, or start again")
    }
    // A network file system calls a directory stale that another host has removed.
    guard fstat(descriptor, &own) == 0 || errno == ESTALE else {
      throw Failure.system("fstat", directory, errno: errno)
    }
    guard (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino) else {
      throw gone("removed, and another made in its place,", cure: "start again in a directory of its own")
    }
  }

  /// Unlocks before it closes: a process that is being started at this moment still holds a copy of the descriptor.
  deinit {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}

extension FileSystem {
  /// Creates a directory and those above it, where they are missing, and waits until their names are on the disk.
  func makeDirectories(_ path: String) throws {
    if exists(path) { return try requireDirectory(path) }
    let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
    let parent = trimmed.lastIndex(of: "/").map { String(trimmed[..<$0]) } ?? "."
    if !parent.isEmpty { try makeDirectories(parent) }
    do {
      try makeDirectory(trimmed)
    } catch let failure as Failure {
      // Another process, started together with this one, may have made it meanwhile.
      guard isDirectory(trimmed) else { throw failure }
    }
    try syncDirectory(parent.isEmpty ? "/" : parent)
  }
}

/// Throws where something else than a directory is in a run directory's way.
func requireDirectory(_ path: String) throws {
  guard isDirectory(path) else {
    throw Failure(
      .inputOutput, at: path, "expected a directory, found something else",
      cure: "move it or choose another run directory")
  }
}
