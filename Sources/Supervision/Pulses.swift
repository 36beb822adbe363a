import Diagnostics

/// What ranks have told of themselves by their pulses.
struct Pulses {
  private(set) var last: [Int: Pulse] = [:]
  /// A number that changes whenever one of them comes on.
  private(set) var changes = 0

  /// Takes the line, where it is a pulse; returns whether it is one.
  mutating func take(_ line: String) -> Bool {
    guard Pulse.isPulse(line) else { return false }
    guard let pulse = Pulse(line: line) else { return true }
    if last[pulse.rank]?.count != pulse.count { changes += 1 }
    last[pulse.rank] = pulse
    return true
  }

  /// Of the most patient rank; nil where none was heard, 0 where one waits for ever.
  var patience: Double? {
    last.values.contains { $0.patience == 0 } ? 0 : last.values.map { Double($0.patience) }.max()
  }

  /// The ranks that were never heard.
  func silent(among ranks: Int) -> [Int] { (0..<ranks).filter { last[$0] == nil } }

  /// Where the ranks were: `rank 0 on node1 starting MPI, in MPI_Init_thread; rank 1 has said nothing`.
  func text(of ranks: Int) -> String {
    guard !last.isEmpty else { return "mpirun has started no rank" }
    let shown = (0..<min(ranks, 8)).map { rank in
      last[rank].map { "rank \(rank) on \($0.host) \($0.place)" } ?? "rank \(rank) has said nothing"
    }
    return shown.joined(separator: "; ") + (ranks > 8 ? "; and \(ranks - 8) more" : "")
  }
}
