import Diagnostics
import Foundation
import Lockstep

/// What a `Doctor` found, to be read by people and by programs.
package struct Report: Codable, Equatable, Sendable {
  /// In rank order.
  let ranks: [RankFacts]
  /// Nil with one rank.
  package let pace: Pace?
  /// What all ranks compute with; nil where they cannot agree.
  package let instructionSet: String?
  /// The grave ones first.
  package let findings: [Finding]

  init(ranks: [RankFacts], pace: Pace?, instructionSet: String?, findings: [Finding]) {
    (self.ranks, self.pace, self.instructionSet) = (ranks, pace, instructionSet)
    self.findings =
      findings.filter { $0.severity == .grave } + findings.filter { $0.severity != .grave }
  }

  /// 0, or 69 where something grave was found.
  package var exitCode: Int32 {
    findings.contains { $0.severity == .grave } ? ExitCode.unavailable.rawValue : 0
  }

  /// Lines for people: the hosts, how they talk, and the findings.
  package var text: String {
    let hosts = Diagnosis(ranks).hosts
    let first = ranks[0]
    let versions = [first.mpi, instructionSet ?? ""].filter {
      !$0.isEmpty
    }
    var lines = [
      "\(count(ranks.count, "rank")) on \(count(hosts.count, "host")), "
        + versions.joined(separator: ", ")
    ]
    for (name, ranks) in hosts {
      let lanes = ranks.reduce(0) { $0 + $1.lanes }
      let cores = Set(ranks.flatMap(\.cores)).count
      let addresses = ranks[0].interfaces.map { "\($0.name) \($0.address)" }
      lines.append(
        "\(name): \(count(ranks.count, "rank")), \(count(lanes, "lane")) on \(count(cores, "core")), "
          + "\(ranks[0].sharedRoom >> 20) MB in /dev/shm"
          + (addresses.isEmpty ? "" : ", " + addresses.joined(separator: ", ")))
    }
    // A rank that is alone sends none.
    for transport in ranks.count == 1 ? [] : Set(ranks.map(\.transport)).sorted() where !transport.isEmpty {
      let place = hosts.filter { $0.ranks.contains { $0.transport == transport } }.map(\.name)
      lines.append("messages\(place.count == hosts.count ? "" : " on " + listing(place, of: "hosts")): \(transport)")
    }
    if let pace {
      lines.append(
        "barrier \(fixed(pace.barrier * 1e6, 0)) µs, gathering \(fixed(pace.rate / 1e6, 0)) MB/s a rank"
      )
    }
    lines += findings.map { "\($0.severity.rawValue): \($0.line)" }
    if findings.isEmpty { lines.append("nothing to mend") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One object: `findings`, `ranks`, `pace`, `instructionSet`, keys sorted.
  package var json: String {
    get throws { try sortedJSON(self) + "\n" }
  }
}
