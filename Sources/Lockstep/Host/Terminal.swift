import Foundation
import Host

/// The terminal that standard output leads to, through mpirun too.
final class Terminal {
  private let descriptor: Int32
  private let isOwn: Bool
  /// For terminals that do not tell.
  private let usualColumns: Int

  /// Nil where standard output is a file or a pipe.
  ///
  /// mpirun gives its ranks a terminal of their own, whatever its output is; what counts is where mpirun writes to.
  init?(environment: [String: String]) {
    usualColumns = environment["COLUMNS"].flatMap { Int($0) }.flatMap { (1...10_000).contains($0) ? $0 : nil } ?? 80
    guard environment[LauncherVariables.openMPISize] != nil else {
      (descriptor, isOwn) = (STDOUT_FILENO, false)
      guard isatty(STDOUT_FILENO) == 1 else { return nil }
      return
    }
    let link = "/proc/\(getppid())/fd/1"
    let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? ""
    guard target.hasPrefix("/dev/pts/") || target.hasPrefix("/dev/tty") else { return nil }
    // Only to ask how wide it is; one that cannot be opened has the usual width.
    (descriptor, isOwn) = (open(link, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), true)
  }

  deinit { if isOwn, descriptor >= 0 { close(descriptor) } }

  /// How wide it is now: windows change their size.
  var columns: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usualColumns }
    return Int(size.ws_col)
  }
}
