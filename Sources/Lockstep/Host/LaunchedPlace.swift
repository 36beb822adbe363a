import Diagnostics

/// Which rank this process is to be, and where, as its launcher says before MPI has begun.
struct LaunchedPlace {
  /// Nil where no launcher says so.
  let rank: Int?
  let host: String

  init(_ environment: [String: String], host: String = ownHostName()) {
    let names = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"]
    rank = names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    self.host = host
  }

  /// `rank 1 on node2`, as messages begin.
  var text: String { rank.map { "rank \($0) on \(host)" } ?? "lockstep" }
}
