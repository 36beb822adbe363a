import Diagnostics
import Glibc

/// The text of a file of at most `limit` bytes, which must be UTF-8; a pipe is read to its end as well.
package func textFile(_ path: String, limit: Int) throws(Failure) -> String {
  let (file, status) = try FileDescriptor.reading(path, waits: true, cure: "check the path")
  guard status.st_mode & S_IFMT != S_IFDIR else {
    throw Failure(.missingInput, at: path, "expected a file, found a directory", cure: "name the file itself")
  }
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 64)
  defer { memory.deallocate() }
  let count = try file.read(into: memory, of: path)
  guard count <= limit else {
    throw Failure(.badConfiguration, at: path, "expected at most \(limit) bytes, found more")
  }
  guard let text = String(validating: memory[..<count], as: UTF8.self) else {
    throw Failure(.badConfiguration, at: path, "expected UTF-8 text, found other bytes")
  }
  return text
}
