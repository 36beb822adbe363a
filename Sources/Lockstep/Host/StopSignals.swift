import Foundation
import Synchronization

/// Requests to stop: SIGTERM, SIGINT and SIGUSR1 set a flag that the training loop reads after each step.
///
/// Batch systems send SIGTERM or SIGUSR1 before they end a job. The same signal once more ends the process at once.
///
/// A thread of its own waits for them, and no handler is installed. oneDNN's kernels use the stack pointer as one register
/// more; a handler's frame, which the system puts where that points to, would overwrite whatever floats lie there.
public enum StopSignals {
  private static let received = Atomic<Int32>(0)

  private static let numbers = [SIGTERM, SIGINT, SIGUSR1]

  /// Waits for the signals from now on.
  ///
  /// To be called before any other thread is started: this thread, and those that it starts later, no longer get them.
  public static func install() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let thread = Thread { [signals] in serve(signals) }
    thread.name = "signals"
    thread.start()
  }

  private static func serve(_ signals: sigset_t) {
    var (signals, number) = (signals, Int32(0))
    var seen: Set<Int32> = []
    while sigwait(&signals, &number) == 0 {
      guard seen.insert(number).inserted else { break }
      received.store(number, ordering: .relaxed)
    }
    // Once more: what the system does with it by default.
    signal(number, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
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
