#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Writes text to standard output, whole and at once, so that the lines of other processes do not come between.
public func writeStandardOutput(_ text: String) throws {
  try writeAll(Array(text.utf8), to: STDOUT_FILENO, "standard output")
}

/// Writes a line to standard error; where that cannot be written to, there is nobody left to tell.
public func writeStandardError(line: String) {
  try? writeAll(Array("\(line)\n".utf8), to: STDERR_FILENO, "standard error")
}

/// Writes all bytes; failures name `path`.
public func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      let code = count < 0 ? errno : EIO
      let isFull = [ENOSPC, EDQUOT, EFBIG].contains(code)
      throw Failure.system("write", path, errno: code, cure: isFull ? "make room on the disk" : "write elsewhere")
    }
    rest = rest.dropFirst(count)
  }
}
