import Diagnostics

/// Asks the hosts of an attempt whether they answer, when nothing has changed for a while, and finds those that are lost.
///
/// An mpirun that loses a host while it starts its daemons, or just when its ranks have ended, waits for that host's word
/// for ever. A host that was busy once is not lost: it is asked a second time a little later, and whatever moves meanwhile
/// acquits it.
struct HostWatch {
  /// Seconds without a change after which hosts are asked.
  struct Patience {
    var first = 10.0
    var later = 30.0
    /// Until the second question to those that did not answer.
    var again = 5.0
  }

  private let patience: Patience
  private var inquiry: HostInquiry?
  private var suspects: Set<String> = []
  private var seen: [Int] = []
  private var quiet: Deadline
  private var hasAsked = false

  init(_ patience: Patience = Patience()) {
    (self.patience, quiet) = (patience, Deadline(seconds: patience.first))
  }

  /// The hosts that are lost; empty where none is, or that is not known yet. To be called often; never waits for answers.
  ///
  /// - Parameters:
  ///   - changes: numbers that change when something moves.
  ///   - ask: begins to ask; nil where that cannot be done, which tells nothing.
  mutating func lost(_ changes: [Int], ask: () -> HostInquiry?) -> [String] {
    if changes != seen {
      (seen, suspects, inquiry) = (changes, [], nil)
      quiet = Deadline(seconds: hasAsked ? patience.later : patience.first)
    }
    if inquiry == nil {
      guard quiet.isOver else { return [] }
      inquiry = ask()
      hasAsked = true
    }
    guard let silent = inquiry.map({ $0.answer() }) ?? [] else { return [] }
    inquiry = nil
    let hosts = silent.map(\.host)
    let lost = hosts.filter(suspects.contains)
    if lost.isEmpty {
      suspects = Set(hosts)
      quiet = Deadline(seconds: hosts.isEmpty ? patience.later : patience.again)
    }
    return lost
  }
}
