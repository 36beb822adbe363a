import Diagnostics
import Foundation

/// A file that is written piece by piece, under a temporary name until all of it is there: a reader finds the old content
/// or the new one, and a failure leaves no half of it. What a process leaves that is killed goes when its host writes the
/// file again.
///
/// What is no regular file, a pipe or a terminal, cannot be replaced: the pieces go straight into it, as they do into what
/// is called `-`, this process's output. A link stays, and the file that it leads to gets the content. Failures name the file that is meant, not the temporary one.
public final class OutputFile {
  /// Where the file will be when it is done.
  public let path: String
  /// Where the pieces go, and what that becomes at the end; nil where they go straight into `path`.
  private let replacing: (temporary: String, destination: String)?
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 18

  /// Opens it; throws an input or output error (74) where it cannot be written.
  public init(_ path: String) throws {
    self.path = path
    guard path != standardStream else {
      replacing = nil
      descriptor = fcntl(1, F_DUPFD_CLOEXEC, 3)
      guard descriptor >= 0 else { throw Failure.system("open", path, errno: errno) }
      return
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    guard !exists || status.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(.inputOutput, at: path, "expected a file to write, found a directory", cure: "name a file in it")
    }
    let isReplaced = !exists || status.st_mode & S_IFMT == S_IFREG
    let opened: (path: String, descriptor: Int32)?
    if isReplaced {
      let target = realpath(path, nil).map { pointer in
        defer { free(pointer) }
        return String(cString: pointer)
      }
      let destination = target ?? path
      PartialFile.removeAbandoned(of: destination)
      // Two processes that write the same file must not share the temporary one.
      opened = PartialFile.make(beside: destination)
      replacing = opened.map { ($0.path, destination) }
    } else {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      opened = descriptor < 0 ? nil : (path, descriptor)
      replacing = nil
    }
    descriptor = opened?.descriptor ?? -1
    guard opened != nil else {
      throw Failure.system("open", path, errno: errno, cure: "name a file in a directory that can be written to")
    }
  }

  /// Leaves nothing behind where it was not finished.
  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if let replacing { unlink(replacing.temporary) }
  }

  /// Writes a piece of text, as UTF-8.
  public func write(_ text: String) throws { try write(contentsOf: text.utf8) }

  /// Writes a piece.
  public func write(contentsOf bytes: some Sequence<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes bytes over those that the file begins with, as many.
  ///
  /// Throws a usage error (64) where it is no regular file, which cannot be gone back in.
  package func rewriteStart(_ bytes: [UInt8]) throws {
    try flush()
    guard replacing != nil else {
      throw Failure(
        .usage, at: path, "expected a file, as its beginning is written last, found a pipe or a device",
        cure: "name a file, or write csv or jsonl")
    }
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw Failure.system("write", path, errno: errno)
    }
  }

  private func flush() throws {
    try writeAll(buffer, to: descriptor, path)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Returns when all that was written is on the disk, under the temporary name.
  package func sync() throws {
    try flush()
    guard replacing == nil || fsync(descriptor) == 0 else {
      throw Failure.system("fsync", path, errno: errno, cure: "make room on the disk")
    }
  }

  /// Returns when all of it is on the disk under its own name. Nothing can be written afterwards.
  public func finish() throws {
    try sync()
    if let replacing {
      guard rename(replacing.temporary, replacing.destination) == 0 else {
        throw Failure.system("rename", path, errno: errno)
      }
    }
    let code = close(descriptor)
    descriptor = -1
    guard code == 0 else { throw Failure.system("close", path, errno: errno) }
  }
}

extension String {
  /// Writes the text to a file: see `OutputFile`.
  package func write(toRunFile path: String) throws {
    let file = try OutputFile(path)
    try file.write(self)
    try file.finish()
  }
}
