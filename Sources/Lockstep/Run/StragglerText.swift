import Training

extension Straggler {
  /// `rank 2 on node3`
  private func name(_ hosts: [String]) -> String { "rank \(rank) on \(hosts[rank])" }

  /// What the user is told when it is found; `hosts` are those of all ranks, in order.
  func note(_ hosts: [String]) -> String {
    let more = others > 0 ? " (\(count(others, "more rank")) also slow)" : ""
    return
      "\(name(hosts)) computes slowly: for \(count(steps, "step")) it took \(fixed(ratio, 2)) times as long as the "
      + "median of the ranks\(more), and the others waited; look at the load and the clock of that host: lockstep doctor"
  }

  /// Its line in the table at the end of a run.
  func row(_ hosts: [String]) -> String { "\(name(hosts)): \(fixed(ratio, 2)) times the median to compute" }
}
