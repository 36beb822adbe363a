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
