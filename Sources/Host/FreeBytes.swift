import Glibc

/// Bytes that may still be written to the file system of a path; nil where it cannot be asked.
package func freeBytes(of path: String) -> Int? {
  var status = statvfs()
  guard statvfs(path, &status) == 0 else { return nil }
  return Int(status.f_bavail) * Int(status.f_frsize)
}
