import Foundation
import Lockstep

/// Prints the one line of a failure and ends the process with its code.
func complain(_ failure: Failure) -> Never {
  writeStandardError(line: "lockstep: \(failure)")
  exit(failure.code.rawValue)
}
