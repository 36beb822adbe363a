import Foundation
import Lockstep

/// Prints the one line of a failure and ends the process with its code.
func complain(_ failure: Failure) -> Never {
  FileHandle.standardError.write(Data("lockstep: \(failure)\n".utf8))
  exit(failure.code.rawValue)
}
