import Diagnostics
import Foundation

/// Refuses anything but a regular file at `path`, or nothing at all.
///
/// A run directory may be somebody else's: a link in it must not make a run write elsewhere, nor a pipe make it wait.
package func requireOwnFile(_ path: String) throws {
  var status = stat()
  guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
  let found = [S_IFLNK: "a link", S_IFDIR: "a directory"][status.st_mode & S_IFMT] ?? "something else"
  throw Failure(
    .inputOutput, at: path, "expected a file of the run, found \(found)",
    cure: "move it, or name another directory with --output")
}

extension String {
  /// Writes the text to a file by way of a temporary one, so that a reader finds the old text or the new one.
  ///
  /// What is no regular file, a pipe or a terminal, cannot be replaced: the text goes straight into it. A link stays,
  /// and the file that it leads to gets the text.
  package func write(toRunFile path: String) throws {
    var status = stat()
    let exists = stat(path, &status) == 0
    guard !exists || status.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(.inputOutput, at: path, "expected a file to write, found a directory", cure: "name a file in it")
    }
    if exists, status.st_mode & S_IFMT != S_IFREG { return try write(into: path, of: path, synced: false) }

    let target = realpath(path, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    let destination = target ?? path
    // Two processes that write the same file must not share the temporary one.
    let temporary = "\(destination).partial-\(getpid())"
    do {
      try write(into: temporary, of: path, synced: true)
      guard rename(temporary, destination) == 0 else { throw Failure.system("rename", path, errno: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Failures name the file that the text is meant for, not the temporary one.
  private func write(into path: String, of name: String, synced: Bool) throws {
    // A temporary file is new: one that a former process left goes, and a link in its place is not followed.
    if synced { unlink(path) }
    let flags = O_WRONLY | O_CLOEXEC | (synced ? O_CREAT | O_EXCL : 0)
    let descriptor = open(path, flags, 0o644)
    guard descriptor >= 0 else {
      throw Failure.system("open", name, errno: errno, cure: "name a file in a directory that can be written to")
    }
    defer { close(descriptor) }
    try writeAll(Array(utf8), to: descriptor, name)
    guard !synced || fsync(descriptor) == 0 else { throw Failure.system("fsync", name, errno: errno) }
  }
}
