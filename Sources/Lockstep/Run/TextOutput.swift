import Diagnostics
import Foundation

extension String {
  /// Writes the text to a file by way of a temporary one, so that a reader finds the old text or the new one.
  ///
  /// What is no regular file, a pipe or a terminal, cannot be replaced: the text goes straight into it. A link stays,
  /// and the file that it leads to gets the text.
  func write(toRunFile path: String) throws {
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
    let flags = O_WRONLY | O_CLOEXEC | (synced ? O_CREAT | O_TRUNC : 0)
    let descriptor = open(path, flags, 0o644)
    guard descriptor >= 0 else {
      throw Failure.system("open", name, errno: errno, cure: "name a file in a directory that can be written to")
    }
    defer { close(descriptor) }
    try Lockstep.write(Array(utf8), to: descriptor, name)
    guard !synced || fsync(descriptor) == 0 else { throw Failure.system("fsync", name, errno: errno) }
  }
}

/// Writes text to standard output, whole and at once, so that the lines of other processes do not come between.
public func writeStandardOutput(_ text: String) throws {
  try write(Array(text.utf8), to: STDOUT_FILENO, "standard output")
}

/// Writes a line to standard error; where that cannot be written to, there is nobody left to tell.
public func writeStandardError(line: String) {
  try? write(Array("\(line)\n".utf8), to: STDERR_FILENO, "standard error")
}

/// Writes all bytes.
func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      let code = count < 0 ? errno : EIO
      let isFull = [ENOSPC, EDQUOT, EFBIG].contains(code)
      throw Failure.system("write", path, errno: code, cure: isFull ? "make room on the disk" : "write elsewhere")
    }
    rest = rest.dropFirst(count)
  }
}
