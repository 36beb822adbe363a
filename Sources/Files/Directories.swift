import Diagnostics
import Glibc

/// The names in a directory, without `.` and `..`, in order of their bytes.
package func directoryNames(_ path: String) throws -> [String] { try directoryEntries(path).map(\.name) }

/// The same, with whether a name is that of a directory; nil where the file system leaves that to a look at it, as with a link.
func directoryEntries(_ path: String) throws -> [(name: String, isDirectory: Bool?)] {
  guard let directory = opendir(path) else { throw Failure.system("open", path, errno: errno, reading: true) }
  defer { closedir(directory) }
  var names: [(name: String, isDirectory: Bool?)] = []
  errno = 0
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let kind = Int(entry.pointee.d_type)
    let isDirectory = kind == Int(DT_DIR) ? true : kind == Int(DT_REG) ? false : nil
    if name != ".", name != ".." { names.append((name, isDirectory)) }
    errno = 0
  }
  guard errno == 0 else { throw Failure.system("read", path, errno: errno, reading: true) }
  return names.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
}

/// Makes a directory, and those that it lies in, where there is none yet.
///
/// Throws an input or output error (74) where that is not possible.
package func makeDirectories(_ path: String, cure: String) throws {
  var place = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    place += part
    if mkdir(place, 0o777) != 0 {
      let code = errno
      guard isDirectory(place) else {
        if code == EEXIST {
          throw Failure(.inputOutput, at: place, "expected a folder, found a file", cure: cure)
        }
        throw Failure.system("mkdir", place, errno: code, cure: cure)
      }
    }
    place += "/"
  }
}

/// Whether a directory, or a link to one, is at `path`.
package func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// A path from the root on, without `.`, `..` and double slashes; links stay what they are.
package func plainPath(_ path: String) -> String {
  var parts: [Substring] = []
  var whole = path
  if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
    whole = "\(String(cString: current))/\(path)"
    free(current)
  }
  for part in whole.split(separator: "/") where part != "." {
    if part == ".." { _ = parts.popLast() } else { parts.append(part) }
  }
  return "/" + parts.joined(separator: "/")
}

/// Whether anything at all is at `path`.
package func exists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

/// Whether a regular file, or a link to one, is at `path`.
package func isRegularFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}
