import Diagnostics

/// What a supervisor does after mpirun has ended.
package enum Verdict: Equatable, Sendable {
  /// Ends with this code.
  case handOn(Int32)
  /// Goes on from the newest checkpoint.
  case restart

  /// Restarting mends what happened to a machine, not what is wrong with the command, its settings or its data.
  ///
  /// - A stop that was asked for ends with 75, also where it came so early that ranks ended by the signal itself.
  /// - `code` is mpirun's exit code, or 128 + the signal that ended it. Its 0 alone is no proof that the run `isDone`, and
  ///   another none that it is not: a host may be lost when all ranks have ended.
  package init(code: Int32, isDone: Bool, stopRequested: Bool) {
    switch ExitCode(rawValue: code) {
    case _ where isDone: self = .handOn(0)
    case .usage, .badData, .missingInput, .badConfiguration, .stopped: self = .handOn(code)
    default: self = stopRequested ? .handOn(ExitCode.stopped.rawValue) : .restart
    }
  }
}

/// How long to wait before a restart: twice as long each time, and five minutes at most.
package struct BackOff: Sendable {
  /// Seconds before the first restart.
  package let first: Double

  package init(first: Double) {
    precondition(first >= 0 && first.isFinite, "expected seconds of 0 or more, found \(first)")
    self.first = first
  }

  /// Seconds before restart number `restart`, counted from 1.
  package func seconds(before restart: Int) -> Double {
    precondition(restart > 0, "restarts count from 1, found \(restart)")
    var seconds = first
    for _ in 1..<restart where seconds < Self.longest { seconds *= 2 }
    return min(seconds, max(first, Self.longest))
  }

  private static let longest = 300.0
}
