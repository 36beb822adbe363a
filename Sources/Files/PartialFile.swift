import Foundation
import Host

/// The temporary files beside an output: `out.csv.partial-node2-417` is being written by process 417 of node2.
enum PartialFile {
  static func path(of destination: String, host: String = ownHostName(), process: pid_t = getpid()) -> String {
    prefix(destination, host) + String(process)
  }

  private static func prefix(_ destination: String, _ host: String) -> String { "\(destination).partial-\(host)-" }

  /// Keeps it from being removed as long as it is open. Where the file system has no locks, the number of the process does.
  static func lock(_ descriptor: Int32) { _ = flock(descriptor, LOCK_EX | LOCK_NB) }

  /// Removes what killed processes of this host have left of an output, as far as that is permitted.
  ///
  /// What may be in use stays: another host's; one whose number a process has, be it a younger one; and one that somebody
  /// has locked, as may a container that has this host's name and numbers of its own. So does what is no regular file.
  static func removeAbandoned(of destination: String, host: String = ownHostName()) {
    let path = URL(fileURLWithPath: destination)
    let (folder, prefix) = (path.deletingLastPathComponent().path, prefix(path.lastPathComponent, host))
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
      let number = name.dropFirst(prefix.count)
      guard number.allSatisfy({ $0.isASCII && $0.isNumber }), let process = pid_t(number), process > 0 else { continue }
      guard kill(process, 0) != 0, errno == ESRCH else { continue }
      removeUnlocked("\(folder)/\(name)")
    }
  }

  private static func removeUnlocked(_ path: String) {
    // A network file system locks for writing only what is opened for it.
    let descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return }
    unlink(path)
  }
}
