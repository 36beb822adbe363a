import Diagnostics
import Foundation

extension Watchdog {
  /// Ends the process with `code`, behind MPI's end; where that is 0, at the same moment as the other ranks of this
  /// host.
  ///
  /// One that is stopped on its last way, while it takes MPI down, would be missed by mpirun alone, which waits for it
  /// for ever. Another code than 0 has mpirun end all that are left. To be called by every rank.
  package func exit(_ code: Int32) -> Never {
    fflush(nil)
    guard code == 0, let partners = Partners(environment), Partners.announceEnd() else { Foundation.exit(code) }
    progress.enter(.leaving, step: 0)
    let ranks = partners.ofThisProgram
    // All at one look: one may be stopped while it waits for another. Short pauses, since they are what is left in which
    // a rank that is stopped is missed.
    while !ranks.allSatisfy(partners.isEnding) { usleep(300) }
    // What a process does in `exit` takes time, in which it would be missed by nobody.
    _exit(code)
  }

  /// Where others of this host have not followed for too long.
  func endLeft() -> Never {
    // Ranks of other hosts may have ended in order, and cannot be called any more. The first of those that wait speaks,
    // and mpirun ends them all; until then the others look on, for it may have begun to wait later. One that was seen to
    // wait, and is gone, has spoken.
    let end = Deadline(seconds: 10)
    var first: Set<Int> = []
    repeat {
      if let partners = Partners(environment) {
        first.formUnion(partners.waitingBefore)
        if first.isSubset(of: partners.present), let complaint = partners.complaintOfEnd {
          writeStandardError(line: "lockstep: \(complaint)")
          break
        }
      }
      usleep(200_000)
    } while !end.isOver
    _exit(ExitCode.hung.rawValue)
  }
}
