import CMPI
import Communication

/// An MPI call that failed: `MPI_Waitall, rank 3: MPI_ERR_TRUNCATE: message truncated (MPI code 15)`.
package struct MPIError: TransportError, Equatable, CustomStringConvertible {
  /// MPI's name of the call.
  package let call: String
  /// MPI's error code; what it means depends on the MPI library.
  package let code: Int32
  /// The library's own words for the code.
  package let message: String
  /// The other rank, where the error belongs to the traffic with one.
  package let peer: Int?

  package init(call: String, code: Int32, peer: Int? = nil) {
    self.call = call
    self.code = code
    self.peer = peer
    // Not through `check`, which would ask for the text of a failure to find a text, and so on without end.
    var answer = success
    let text = mpiText { answer = CMPI_Error_string(code, $0, $1) }
    message = answer == success ? text : "no text"
  }

  package var description: String {
    let line = "\(call)\(peer.map { ", rank \($0)" } ?? ""): \(message) (MPI code \(code))"
    return String(line.map { $0.isNewline ? " " : $0 })
  }
}

private let success = Int32(CMPI_SUCCESS)

/// Every call of MPI passes here: throws `MPIError` unless the code is MPI's success.
func check(_ call: String, _ code: Int32, peer: Int? = nil) throws {
  if code != success { throw MPIError(call: call, code: code, peer: peer) }
}

/// The text that an MPI call writes into memory of the given capacity.
func mpiText(_ fill: (UnsafeMutablePointer<CChar>, Int32) throws -> Void) rethrows -> String {
  try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) { memory in
    memory.initialize(repeating: 0)
    try fill(memory.baseAddress!, Int32(memory.count))
    return String(cString: memory.baseAddress!)
  }
}
