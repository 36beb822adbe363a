import Foundation
import Host

/// The temporary files beside an output: `out.csv.partial-node2-417` is being written by process 417 of node2.
enum PartialFile {
  static func path(of destination: String, host: String = ownHostName(), process: pid_t = getpid()) -> String {
    prefix(destination, host) + String(process)
  }

  private static func prefix(_ destination: String, _ host: String) -> String { "\(destination).partial-\(host)-" }

  /// Makes one that nobody else has, locked as long as it is open; nil where that fails, as `errno` says.
  ///
  /// A container may have this host's name, and a process of this one's number: a number follows where the name is taken.
  static func make(beside destination: String) -> (path: String, descriptor: Int32)? {
    let first = path(of: destination)
    for attempt in 0..<100 {
      let name = attempt == 0 ? first : "\(first).\(attempt)"
      removeLink(name)
      removeUnlocked(name)
      let descriptor = open(name, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0o644)
      guard descriptor >= 0 || errno == EEXIST else { return nil }
      guard descriptor >= 0 else { continue }
      // Whoever removes what is abandoned may have come in between.
      let isRemoved = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      if !isRemoved, FolderLock.isStill(descriptor, name) { return (name, descriptor) }
      close(descriptor)
    }
    errno = EEXIST
    return nil
  }

  /// Removes what killed processes of this host have left of an output, as far as that is permitted.
  ///
  /// What may be in use stays: another host's; one whose number a process has, be it a younger one; and one that somebody
  /// has locked, as may a container that has this host's name and numbers of its own. So does what is no regular file.
  static func removeAbandoned(of destination: String, host: String = ownHostName()) {
    let path = URL(fileURLWithPath: destination)
    let (folder, prefix) = (path.deletingLastPathComponent().path, prefix(path.lastPathComponent, host))
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
      let numbers = name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
      guard numbers.count <= 2, numbers.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
        let process = pid_t(numbers[0]), process > 0
      else { continue }
      guard kill(process, 0) != 0, errno == ESRCH else { continue }
      removeUnlocked("\(folder)/\(name)")
    }
  }

  /// A link that lies where a file is to be made is nobody's output.
  private static func removeLink(_ path: String) {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK { unlink(path) }
  }

  private static func removeUnlocked(_ path: String) {
    // A network file system locks for writing only what is opened for it.
    let descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    // Where the file system has no locks, nobody can tell whether it is in use.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
    unlink(path)
  }
}
