import Dispatch
import Files
import Foundation
import Host
import Synchronization

/// Requests to stop: SIGTERM, SIGINT, SIGUSR1 and SIGHUP set a flag that the training loop reads after each step.
///
/// Batch systems send SIGTERM or SIGUSR1 before they end a job, a terminal that goes SIGHUP, unless `nohup` has it ignored.
/// The same signal once more, a second later or more, ends the process at once; another one does not, as a batch system's
/// warning and its end are two. Within that second it counts as the same: `timeout` sends it to a process and its group.
///
/// A thread of its own waits for them, and no handler is installed: a library's kernels may use the stack pointer as one register
/// more, as oneDNN's do in a program that has them too; a handler's frame, which the system puts where that points to, would
/// overwrite whatever floats lie there.
package enum StopSignals {
  private static let received = Atomic<Int32>(0)

  /// Waits for the signals from now on.
  ///
  /// To be called before any other thread is started: this thread, and those that it starts later, no longer get them.
  package static func install() { startServingStopRequests(serve) }

  private static func serve(_ signals: sigset_t) {
    var (signals, number) = (signals, Int32(0))
    var seen: [Int32: DispatchTime] = [:]
    var information = siginfo_t()
    while true {
      number = sigwaitinfo(&signals, &information)
      // Interrupted, or from Swift's runtime, which suspends threads by SIGUSR1 to tell of a crash: no request to stop.
      // The sender tells: glibc makes SI_USER of the code that such a signal has, SI_TKILL.
      if number < 0 || information._sifields._kill.si_pid == getpid() { continue }
      if let first = seen[number] {
        guard DispatchTime.now() < first + .seconds(1) else { break }
      } else {
        seen[number] = .now()
      }
      received.store(number, ordering: .relaxed)
    }
    // Once more.
    end(by: number, &signals)
  }

  /// Ends the process as the system does by default, but takes away what it has begun and nobody goes on with.
  private static func end(by number: Int32, _ signals: inout sigset_t) {
    TemporaryPaths.removeAll()
    signal(number, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
  }

  /// Has the first of the signals end the process, of a command that has nothing to go on with later.
  ///
  /// To be called before any other thread is started, instead of `install`.
  package static func installForEnding() {
    startServingStopRequests { signals in
      var (signals, information, number) = (signals, siginfo_t(), Int32(-1))
      // From Swift's runtime: see above.
      while number < 0 || information._sifields._kill.si_pid == getpid() {
        number = sigwaitinfo(&signals, &information)
      }
      end(by: number, &signals)
    }
  }

  /// The last signal that arrived; nil where none has.
  package static var request: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Lets a write into a closed pipe, or past the limit of a file's size (`ulimit -f`), fail instead of ending the
  /// process: what has a message and an exit code is better than a signal.
  package static func ignoreFailedWrites() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }
}
