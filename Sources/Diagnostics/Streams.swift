#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Writes text to standard output, whole and at once, so that the lines of other processes do not come between.
///
/// Names from files may be part of it: what a terminal would obey is shown escaped, but for line breaks and tabs.
package func writeStandardOutput(_ text: String) throws {
  try writeStandardOutput(asItIs: text.shown(keeping: layoutCharacters))
}

/// The same for text that is itself what is asked for: a pipe or a file gets it as it is, a terminal as it can be shown.
package func writeStandardOutput(result text: String) throws {
  try isatty(STDOUT_FILENO) == 1 ? writeStandardOutput(text) : writeStandardOutput(asItIs: text)
}

/// The same for text of our own that a terminal is meant to obey, such as a line that overwrites itself.
package func writeStandardOutput(asItIs text: String) throws {
  try writeAll(Array(text.utf8), to: STDOUT_FILENO, "standard output")
}

/// Writes a line to standard error; where that cannot be written to, there is nobody left to tell.
///
/// What a terminal would obey is shown escaped, and a line break in it too: it stays one line.
package func writeStandardError(line: String) {
  let shown = line.shown(keeping: ["\t"])
  try? writeAll(Array("\(shown)\n".utf8), to: STDERR_FILENO, "standard error")
}

/// Writes all bytes; failures name `path`.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
  try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
}

/// Writes all bytes; failures name `path`.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      let code = count < 0 ? errno : EIO
      let isFull = [ENOSPC, EDQUOT, EFBIG].contains(code)
      throw Failure.system("write", path, errno: code, cure: isFull ? "make room on the disk" : "write elsewhere")
    }
    rest = rest.dropFirst(count)
  }
}
