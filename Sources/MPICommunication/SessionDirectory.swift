import Diagnostics
import Foundation
import Host

/// Refuses to begin MPI where Open MPI's session directory has no room for the memory that mpirun shares with its ranks.
///
/// mpirun makes that memory when the first rank connects. Where it can't, the rank is told so and ends, but mpirun waits
/// for ever (seen with Open MPI 4.1.4 and PMIx 4.2.2). A rank that ends before it connects ends the job.
func requireSessionDirectory(environment: [String: String]) throws {
  guard let folder = environment["PMIX_DSTORE_21_BASE_PATH"], let refusal = sessionRefusal(folder: folder) else {
    return
  }
  throw refusal
}

/// Why MPI is not begun.
package struct SessionRefusal: Error, Equatable {
  let failure: Failure

  /// The first rank of each host speaks; the others let it, since mpirun ends all when one has ended.
  func announce(environment: [String: String]) -> Int32 {
    guard isFirstOfHost(environment) else {
      sleep(2)
      return failure.code.rawValue
    }
    return Ending(of: failure).announce()
  }
}

/// What is wrong with `folder`, where PMIx keeps its store; nil where there is room, or nothing can be told.
package func sessionRefusal(folder: String) -> SessionRefusal? {
  guard let room = freeBytes(of: folder) else { return nil }
  // Two segments, smseg-… and smdataseg-…, of which another rank's connection may have made some already.
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  let made = ["smseg-", "smdataseg-"].filter { kind in
    names.contains { name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      return name.hasPrefix(kind) && (attributes?[.size] as? Int ?? 0) > 0
    }
  }
  let needed = (2 - made.count) * segmentSize
  guard room < needed else { return nil }
  return SessionRefusal(
    failure: Failure(
      .unavailable, at: folder,
      "expected room for Open MPI's session directory, \(needed >> 20) MiB, found \(room >> 10) KiB",
      cure: "make room there, or set TMPDIR to a directory with more"))
}

private let segmentSize = 4 << 20
