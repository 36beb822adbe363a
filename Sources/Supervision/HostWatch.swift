import Diagnostics

/// Asks the hosts of an attempt whether they answer, when nothing has changed for a while, and finds the one that is lost.
///
/// An mpirun that loses a host while it starts its daemons, or just when its ranks have ended, waits for that host's word
/// for ever. A host that was busy once is not lost: it is asked a second time a little later.
struct HostWatch {
  /// Seconds without a change after which hosts are asked.
  struct Patience {
    var first = 10.0
    var later = 30.0
    /// Until the second question to one that did not answer.
    var again = 5.0
  }

  private let patience: Patience

  /// Begins to ask; nil where that cannot be done, which tells nothing.
  private let ask: () -> HostInquiry?
  private var inquiry: HostInquiry?
  private var suspect: String?
  private var seen: [Int] = []
  private var quiet: Deadline
  private var hasAsked = false

  init(_ patience: Patience = Patience(), ask: @escaping () -> HostInquiry?) {
    (self.patience, self.ask, quiet) = (patience, ask, Deadline(seconds: patience.first))
  }

  /// The host that is lost; nil where none is, or that is not known yet. To be called often; never waits.
  ///
  /// - Parameter changes: numbers that change when something moves.
  mutating func lost(_ changes: [Int]) -> String? {
    if changes != seen {
      (seen, quiet) = (changes, Deadline(seconds: hasAsked ? patience.later : patience.first))
    }
    if inquiry == nil {
      guard quiet.isOver else { return nil }
      inquiry = ask()
      hasAsked = true
    }
    let silent = inquiry.map { $0.answer() } ?? []
    guard let silent else { return nil }
    inquiry = nil
    let host = silent.first?.host
    if let host, host == suspect { return host }
    suspect = host
    quiet = Deadline(seconds: host == nil ? patience.later : patience.again)
    return nil
  }
}
