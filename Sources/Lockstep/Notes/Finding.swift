/// Something about a host or a rank that the user should know: what, where, why it matters, and the cure.
package struct Finding: Codable, Equatable, Sendable {
  package enum Severity: String, Codable, Sendable {
    /// The run goes on, slower than it could or with a risk.
    case warning
    /// The run would fail, or give other bits.
    case grave
  }

  package let severity: Severity
  package let what: String
  /// The hosts it is about, in the order of their ranks; none: all of them.
  package let hosts: [String]
  /// The ranks it is about, ascending; none: all ranks of the hosts.
  package let ranks: [Int]
  package let why: String
  package let cure: String

  package init(
    _ severity: Severity, _ what: String, hosts: [String] = [], ranks: [Int] = [], why: String,
    cure: String
  ) {
    (self.severity, self.what, self.hosts, self.ranks, self.why, self.cure) = (
      severity, what, hosts, ranks, why, cure
    )
  }

  /// `node1, ranks 0 and 1`; empty where it is about all.
  var place: String {
    let hosts = listing(hosts, of: "hosts")
    guard !ranks.isEmpty else { return hosts }
    let ranks =
      (ranks.count == 1 ? "rank " : "ranks ") + listing(ranks.map(String.init), of: "ranks")
    return hosts.isEmpty ? ranks : "\(hosts), \(ranks)"
  }

  /// One line: `node1: 4 lanes on 2 cores: they take turns; lower lanes`.
  package var line: String { (place.isEmpty ? "" : "\(place): ") + "\(what): \(why); \(cure)" }
}

extension Finding {
  /// One finding for all hosts and ranks of which the same is said; in the order in which they first come.
  package static func merged(_ findings: [Finding]) -> [Finding] {
    var merged: [Finding] = []
    for finding in findings {
      guard
        let place = merged.firstIndex(where: {
          ($0.severity, $0.what, $0.why, $0.cure) == (
            finding.severity, finding.what, finding.why, finding.cure
          )
        })
      else {
        merged.append(finding)
        continue
      }
      let old = merged[place]
      merged[place] = Finding(
        old.severity, old.what, hosts: old.hosts + finding.hosts.filter { !old.hosts.contains($0) },
        ranks: (old.ranks + finding.ranks).sorted(), why: old.why, cure: old.cure)
    }
    return merged
  }
}

/// `a, b and c`; of many, the first ones and the number of the others.
package func listing(_ words: [String], of noun: String) -> String {
  guard words.count > 6 else {
    return words.count < 2
      ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words.last!
  }
  return words.prefix(5).joined(separator: ", ") + " and \(grouped(words.count - 5)) other \(noun)"
}
