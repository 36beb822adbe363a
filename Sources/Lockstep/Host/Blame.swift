import Diagnostics

/// Who is to blame when nothing moves, as far as can be told from where the ranks are.
enum Blame {
  /// One line for the user. `positions` are those of the ranks that answer; `hosts` are of all ranks, in order.
  static func text(_ positions: [Int: RankProgress.Position], hosts: [String]) -> String {
    func names(_ ranks: [Int]) -> String {
      let shown = ranks.prefix(8).map { "rank \($0) on \(hosts[$0])" }.joined(separator: ", ")
      return ranks.count > 8 ? "\(shown) and \(ranks.count - 8) more" : shown
    }
    let missing = hosts.indices.filter { positions[$0] == nil }
    let present = positions.sorted { $0.key < $1.key }
    guard let front = present.filter(\.value.isInside).max(by: { $0.value.sequence < $1.value.sequence })?.value else {
      let places = present.prefix(8).map { "rank \($0.key) at \($0.value.text)" }.joined(separator: "; ")
      return missing.isEmpty
        ? "no rank waits for another: \(places)" : "\(names(missing)) \(doNot(missing)) answer; \(places)"
    }
    let waiting = "the others wait at \(front.text)"
    if !missing.isEmpty {
      return "\(names(missing)) \(doNot(missing)) answer: stopped, or the host or its network is gone; \(waiting)"
    }
    let late = present.filter { !$0.value.isInside || $0.value.sequence < front.sequence }
    if let first = late.first {
      return "\(names(late.map(\.key))) \(late.count == 1 ? "is" : "are") late, at \(first.value.text); \(waiting)"
    }
    // All are inside of a collective of the same number: of another kind, somebody left one out.
    let counts = present.reduce(into: [RankProgress.Collective: Int]()) { $0[$1.value.collective!, default: 0] += 1 }
    if counts.count > 1, let usual = counts.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) })?.key
    {
      let odd = present.filter { $0.value.collective != usual }
      return "\(names(odd.map(\.key))) called \(odd[0].value.collective!.name) where the others called \(usual.name) "
        + "(collective \(front.sequence)): they do not agree on what comes next"
    }
    return "all ranks are at \(front.text), and nothing gets through: check the network between the hosts"
  }

  private static func doNot(_ ranks: [Int]) -> String { ranks.count == 1 ? "does not" : "do not" }
}
