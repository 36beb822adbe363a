import Communication
import Diagnostics
import Foundation

/// How a run that threw ends on one rank: what it prints, what it exits with, and whether the other ranks know.
package struct Ending: Equatable {
  /// The line for standard error, without its line break; nil where another rank prints it.
  package let line: String?
  package let code: Int32
  /// Whether all ranks end like this, so that none is left waiting; otherwise the job has to be taken down.
  package let isAgreed: Bool

  /// A world of one agrees with itself; with any other size, only a `CollectiveFailure` is agreed.
  package init(of error: any Error, rank: Int, of size: Int, on host: String) {
    let collective = error as? CollectiveFailure
    let failure = Failure(reporting: error)
    code = failure.code.rawValue
    isAgreed = size == 1 || collective != nil
    let place = size == 1 ? "lockstep" : "rank \(rank) on \(host)"
    line = (collective?.rank ?? rank) == rank ? "\(place): \(failure)" : nil
  }

  /// Of an error outside of any world: before MPI begins, after it has ended.
  package init(of error: any Error) {
    self.init(of: error, rank: 0, of: 1, on: "")
  }

  /// Prints the line, whole and at once, so that the lines of several ranks do not mix; returns the exit code.
  @discardableResult
  func announce() -> Int32 {
    if let line { writeStandardError(line: line) }
    return code
  }
}
