/// Which rank this process is to be, and where, as its launcher says before MPI has begun.
package struct LaunchedPlace {
  /// Nil where no launcher says so.
  package let rank: Int?
  package let host: String

  package init(_ environment: [String: String], host: String = ownHostName()) {
    rank = LauncherVariables.ranks.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    self.host = host
  }

  /// `rank 1 on node2`, as messages begin.
  package var text: String { rank.map { "rank \($0) on \(host)" } ?? "lockstep" }
}
