import Diagnostics
import Foundation
import Host
import Synchronization

/// Hands requests to stop on to mpirun: SIGTERM, SIGINT, SIGUSR1 and SIGHUP become SIGUSR1, which mpirun passes to all ranks.
///
/// On SIGTERM mpirun would give the ranks one second, too short for a checkpoint. While it starts them it loses SIGUSR1, or
/// ends by it: as long as no rank was heard there is nothing to save, and SIGTERM it is. A second request ends mpirun by
/// SIGTERM, a third one by SIGKILL, and with it this process. What comes within a second of a request belongs to it:
/// `timeout` sends its signal to a process and then to its group.
final class StopRelay: Sendable {
  private struct State {
    var requests = 0
    /// When the last that counted came.
    var last: SuspendingClock.Instant?
    var process: pid_t?
    /// Whether a rank of that process was heard, which waits for requests from its first line on.
    var hasRanks = false
    /// Whether it was asked to end before any was.
    var isCutShort = false

    mutating func begin(to end: pid_t) {
      isCutShort = !hasRanks
      kill(end, hasRanks ? SIGUSR1 : SIGTERM)
    }
  }

  private let state = Mutex(State())

  /// Waits for the signals from now on.
  ///
  /// To be called before any other thread is started: this thread, and those that it starts later, no longer get them.
  init() {
    startServingStopRequests { [self] signals in
      var (signals, number) = (signals, Int32(0))
      while sigwait(&signals, &number) == 0 { relay() }
    }
  }

  var isRequested: Bool { state.withLock { $0.requests > 0 } }

  /// Runs `body` while requests go to `process`; one that came before goes there too.
  func serving<Result>(_ process: pid_t, _ body: () throws -> Result) rethrows -> Result {
    state.withLock {
      ($0.process, $0.hasRanks) = (process, false)
      if $0.requests > 0 { $0.begin(to: process) }
    }
    defer { state.withLock { $0.process = nil } }
    return try body()
  }

  /// Notes that a rank of the process that is served was heard.
  func noteRanks() { state.withLock { $0.hasRanks = true } }

  /// Whether the process that is served was asked to end before any rank of it was heard.
  var isCutShort: Bool { state.withLock { $0.isCutShort } }

  private func relay() {
    state.withLock {
      let now = SuspendingClock.now
      if let last = $0.last, now - last < .seconds(1) { return }
      ($0.last, $0.requests) = (now, $0.requests + 1)
      guard let process = $0.process else {
        // There is nothing to end but this process, which may be waiting for hosts.
        if $0.requests > 2 { exit(ExitCode.stopped.rawValue) }
        return
      }
      switch $0.requests {
      case 1: $0.begin(to: process)
      case 2: kill(process, SIGTERM)
      default:
        kill(process, SIGKILL)
        exit(128 + SIGKILL)
      }
    }
  }

  /// Sleeps; false where a request came, which ends the sleep.
  func sleep(_ seconds: Double) -> Bool {
    let end = Deadline(seconds: seconds)
    while !end.isOver, !isRequested { usleep(20_000) }
    return !isRequested
  }
}
