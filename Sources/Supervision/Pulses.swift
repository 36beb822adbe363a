import Diagnostics

/// What ranks have told of themselves by their pulses.
struct Pulses {
  private(set) var last: [Int: Pulse] = [:]
  /// When each was heard last.
  private var heard: [Int: SuspendingClock.Instant] = [:]
  /// A number that changes whenever one of them comes on.
  private(set) var changes = 0

  /// A rank tells of itself every five seconds: one that has not twice, while others have, is stopped or cut off.
  private static let patience = Duration.seconds(10)

  /// Takes the line, where it is a pulse; returns whether it is one.
  mutating func take(_ line: String, at now: SuspendingClock.Instant = .now) -> Bool {
    guard Pulse.isPulse(line) else { return false }
    guard let pulse = Pulse(line: line) else { return true }
    if last[pulse.rank]?.count != pulse.count { changes += 1 }
    (last[pulse.rank], heard[pulse.rank]) = (pulse, now)
    return true
  }

  /// Of the most patient rank; nil where none was heard, 0 where one waits for ever.
  var patience: Double? {
    last.values.contains { $0.patience == 0 } ? 0 : last.values.map { Double($0.patience) }.max()
  }

  /// The ranks that were never heard, or not for long while others were.
  func silent(among ranks: Int) -> [Int] {
    let late = heard.values.max().map { self.late(at: $0) } ?? []
    return (0..<ranks).filter { last[$0] == nil || late.contains($0) }
  }

  /// Ranks that were heard, but not within ten seconds before that moment.
  private func late(at moment: SuspendingClock.Instant) -> Set<Int> {
    Set(heard.filter { moment - $0.value > Self.patience }.keys)
  }

  /// The hosts of ranks that were heard just now: they are not lost.
  func hosts(at now: SuspendingClock.Instant = .now) -> Set<String> {
    Set(last.values.filter { now - heard[$0.rank]! < Self.patience }.map(\.host))
  }

  /// Where the ranks were: `rank 0 on node1 starting MPI, in MPI_Init_thread; rank 1 has said nothing`. One that is silent
  /// may have come on before it was: `rank 1 on node2, last heard 21 s ago: step 13, …`.
  func text(of ranks: Int, at now: SuspendingClock.Instant = .now) -> String {
    guard !last.isEmpty else { return "mpirun has started no rank" }
    let late = self.late(at: now)
    let shown = (0..<min(ranks, 8)).map { rank -> String in
      guard let pulse = last[rank], let heard = heard[rank] else { return "rank \(rank) has said nothing" }
      let age = Int(((now - heard) / .seconds(1)).rounded())
      return "rank \(rank) on \(pulse.host)\(late.contains(rank) ? ", last heard \(age) s ago:" : "") \(pulse.place)"
    }
    return shown.joined(separator: "; ") + (ranks > 8 ? "; and \(ranks - 8) more" : "")
  }
}
