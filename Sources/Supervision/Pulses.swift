/// What ranks tell of themselves every few seconds, on lines that the user does not see.
///
/// `lockstep-pulse 3 node2 1170 300 step 13, reducing bucket 2, …`; the program's watchdog writes them.
struct Pulses {
  /// The variable that asks ranks for them.
  static let variable = "LOCKSTEP_PULSE"

  struct Pulse: Equatable {
    let host: String
    /// Changes whenever the rank comes on.
    let count: Int
    /// For how many seconds it may stay the same; 0: for ever.
    let patience: Double
    let place: String
  }

  private(set) var last: [Int: Pulse] = [:]
  /// A number that changes whenever one of them comes on.
  private(set) var changes = 0

  static func isPulse(_ line: String) -> Bool { line.hasPrefix("lockstep-pulse ") }

  /// Takes the line, where it is a pulse; returns whether it is one.
  mutating func take(_ line: String) -> Bool {
    guard Self.isPulse(line) else { return false }
    let words = line.split(separator: " ", maxSplits: 5)
    guard words.count == 6, let rank = Int(words[1]), let count = Int(words[3]), let patience = Double(words[4]) else {
      return true
    }
    let pulse = Pulse(host: String(words[2]), count: count, patience: patience, place: String(words[5]))
    if last[rank]?.count != count { changes += 1 }
    last[rank] = pulse
    return true
  }

  /// Of the most patient rank; nil where none was heard, 0 where one waits for ever.
  var patience: Double? {
    last.values.contains { $0.patience == 0 } ? 0 : last.values.map(\.patience).max()
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
