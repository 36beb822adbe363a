/// What a rank tells `lockstep launch` of itself every few seconds: a line on standard error that launch reads, and keeps
/// to itself.
///
/// ```
/// lockstep-pulse 3 node2 1170 300 step 13, reducing bucket 2, …
/// ```
package struct Pulse: Equatable, Sendable {
  /// The variable by which launch asks for it, and by which it is passed on to all ranks.
  package static let variable = "LOCKSTEP_PULSE"
  private static let word = "lockstep-pulse"

  package let rank: Int
  package let host: String
  /// Changes whenever the rank comes on.
  package let count: Int
  /// For how many seconds it may stay the same; 0: for ever.
  package let patience: Int
  /// Where the rank is, in words.
  package let place: String

  package init(rank: Int, host: String, count: Int, patience: Int, place: String) {
    (self.rank, self.host, self.count, self.patience, self.place) = (rank, host, count, patience, place)
  }

  package var line: String { "\(Self.word) \(rank) \(host) \(count) \(patience) \(place)" }

  /// Whether a line is one, if perhaps a torn one.
  package static func isPulse(_ line: String) -> Bool { line.hasPrefix("\(word) ") }

  /// Nil where the line is another, or torn.
  package init?(line: String) {
    let words = line.split(separator: " ", maxSplits: 5)
    guard Self.isPulse(line), words.count == 6, let rank = Int(words[1]), let count = Int(words[3]),
      let patience = Int(words[4])
    else { return nil }
    self.init(rank: rank, host: String(words[2]), count: count, patience: patience, place: String(words[5]))
  }
}
