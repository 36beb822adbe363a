import Foundation
import Synchronization

/// Requests to stop: SIGTERM, SIGINT and SIGUSR1 set a flag that the training loop reads after each step.
///
/// Batch systems send SIGTERM or SIGUSR1 before they end a job. The same signal once more ends the process at once.
public enum StopSignals {
  private static let received = Atomic<Int32>(0)

  /// Catches the signals from now on.
  public static func install() {
    _ = received.load(ordering: .relaxed)  // Made now, not first in the handler.
    for number in [SIGTERM, SIGINT, SIGUSR1] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in StopSignals.received.store(number, ordering: .relaxed) }
      action.sa_flags = SA_RESTART | Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(number, &action, nil)
    }
  }

  /// The last signal that arrived; nil where none has.
  public static var request: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Lets a write into a closed pipe, or past the limit of a file's size (`ulimit -f`), fail instead of ending the
  /// process: what has a message and an exit code is better than a signal.
  public static func ignoreFailedWrites() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }
}
