import CMPI
import Diagnostics
import Foundation

/// Ends all processes of the job, this one too.
///
/// One rank of a host alone calls MPI_Abort. Several that do at one moment, as when all of them lose a peer, were seen to
/// bring down Open MPI 4.1's mpirun itself, or to leave it waiting for ever for a lock of its own (PMIx_server_finalize).
/// The others wait for mpirun to end them, and end by themselves where it does not, which it takes for a failure as well.
func takeDown(_ code: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) -> Never {
  // Neither MPI_Abort nor the signal that ends the others writes out what is still in our buffers.
  fflush(nil)
  if let job = environment["PMIX_NAMESPACE"], !isFirst(of: "lockstep-abort-\(getuid())-\(job)") {
    sleep(10)
    _exit(code)
  }
  let answer = CMPI_Abort(CMPI_Comm_world(), code)
  Ending(of: MPIError(call: "MPI_Abort", code: answer)).announce()
  exit(code)
}

/// Whether no other process of this host has said so of `name` before, and is still there.
///
/// A socket's name of Linux's own kind, without a file: it is given back when its process ends, however it ends. Where
/// there are no such sockets, everybody is the first.
package func isFirst(of name: String) -> Bool {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  // Behind the zero byte that makes it one without a file.
  let bytes = Array(name.utf8.suffix(MemoryLayout.size(ofValue: address.sun_path) - 1))
  withUnsafeMutableBytes(of: &address.sun_path) {
    UnsafeMutableRawBufferPointer(rebasing: $0[1...]).copyBytes(from: bytes)
  }
  let length = MemoryLayout.offset(of: \sockaddr_un.sun_path)! + 1 + bytes.count
  let socket = Foundation.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  guard socket >= 0 else { return true }
  let isBound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(length)) == 0 }
  }
  // Kept open as long as the process lives, where it is the first.
  guard !isBound else { return true }
  let isTaken = errno == EADDRINUSE
  close(socket)
  return !isTaken
}
