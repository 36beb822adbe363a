import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The system calls that change files: the one place where their results are checked.
///
/// Every call is announced to `fault` first, so that a test can let any single one of them fail, fall short, or be
/// the last one before the process dies.
package struct FileSystem: Sendable {
  /// A call that is about to be made, and on which path.
  package struct Operation: Sendable {
    package enum Call: String, Sendable {
      case mkdir, open, write, fsync, close, rename, unlink, rmdir
    }
    package let call: Call
    package let path: String
    /// The new name, of a rename only.
    package var destination: String?
  }

  /// What befalls an operation in place of its usual end.
  package enum Fault: Sendable {
    /// The call fails with this `errno`.
    case error(Int32)
    /// A write takes only this many bytes; other calls do as usual.
    case short(Int)
    /// The process dies before the call: nothing is done, nothing is cleaned up.
    case crash
  }

  /// Thrown by an operation that a test made the last one.
  package struct Crash: Error {
    package init() {}
  }

  /// The file system as it is.
  package static let real = FileSystem { _ in nil }

  private let fault: @Sendable (Operation) -> Fault?

  /// The file system, with faults where `fault` says so.
  package init(fault: @escaping @Sendable (Operation) -> Fault?) { self.fault = fault }

  /// What befalls `operation`: for a file system that is made of another one.
  package func announce(_ operation: Operation) -> Fault? { fault(operation) }

  /// Makes the call until no signal interrupts it; a failure names the call, the path and a cure.
  @discardableResult
  private func perform(_ operation: Operation, _ call: (_ limit: Int) -> Int) throws -> Int {
    while true {
      let result: Int
      switch fault(operation) {
      case nil: result = call(.max)
      case .short(let limit): result = call(limit)
      case .crash: throw Crash()
      case .error(let code):
        errno = code
        result = -1
      }
      if result >= 0 { return result }
      // Linux has closed the descriptor even where close says EINTR; closing it again might hit another file.
      if errno == EINTR, operation.call == .close { return 0 }
      if errno != EINTR { throw Self.failure(operation, errno: errno) }
    }
  }

  private static func failure(_ operation: Operation, errno code: Int32) -> Failure {
    .system(operation.call.rawValue, operation.path, errno: code, cure: cure(for: code))
  }

  private static func cure(for code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT, EFBIG: "free some space or choose another run directory; checkpoints saved earlier are whole"
    case EACCES, EPERM: "make the run directory writable or choose another one; checkpoints saved earlier are whole"
    case EROFS: "choose a run directory on a writable file system"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
    default: "check the disk or choose another run directory; checkpoints saved earlier are whole"
    }
  }
}

extension FileSystem {
  /// Makes a directory; its parent must exist.
  func makeDirectory(_ path: String) throws {
    try perform(Operation(call: .mkdir, path: path)) { _ in Int(mkdir(path, 0o777)) }
  }

  /// Creates a file, or empties the one there, for writing; returns its descriptor.
  func create(_ path: String) throws -> Int32 {
    Int32(
      try perform(Operation(call: .open, path: path)) { _ in
        Int(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666))
      })
  }

  /// Writes all of `bytes`, in as many calls as it takes.
  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let operation = Operation(call: .write, path: path)
      let count = try perform(operation) { limit in
        #if canImport(Glibc)
          Glibc.write(descriptor, part.baseAddress!, min(part.count, limit))
        #else
          Musl.write(descriptor, part.baseAddress!, min(part.count, limit))
        #endif
      }
      // A regular file that takes nothing and gives no reason would keep this loop going for ever.
      guard count > 0 else { throw Self.failure(operation, errno: EIO) }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits until the contents of an open file are on the disk.
  func sync(_ descriptor: Int32, path: String) throws {
    try perform(Operation(call: .fsync, path: path)) { _ in Int(fsync(descriptor)) }
  }

  func close(_ descriptor: Int32, path: String) throws {
    try perform(Operation(call: .close, path: path)) { _ in
      #if canImport(Glibc)
        Int(Glibc.close(descriptor))
      #else
        Int(Musl.close(descriptor))
      #endif
    }
  }

  /// Waits until the names in a directory are on the disk.
  func syncDirectory(_ path: String) throws {
    let descriptor = Int32(
      try perform(Operation(call: .open, path: path)) { _ in
        Int(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
      })
    defer { _ = try? close(descriptor, path: path) }
    try perform(Operation(call: .fsync, path: path)) { _ in
      let result = fsync(descriptor)
      // Some network and user-space file systems cannot sync a directory and say so; there is nothing else to do.
      return result < 0 && (errno == EINVAL || errno == ENOTSUP) ? 0 : Int(result)
    }
  }

  /// Gives a file or directory another name in one step.
  func move(_ source: String, to destination: String) throws {
    try perform(Operation(call: .rename, path: source, destination: destination)) { _ in
      Int(rename(source, destination))
    }
  }

  /// Deletes a directory and all in it, or whatever else is at `path`; links are deleted, not followed.
  func removeTree(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFDIR else {
      try perform(Operation(call: .unlink, path: path)) { _ in Int(unlink(path)) }
      return
    }
    for name in try directoryNames(path) { try removeTree("\(path)/\(name)") }
    try perform(Operation(call: .rmdir, path: path)) { _ in Int(rmdir(path)) }
  }
}
