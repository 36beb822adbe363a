/// Which hosts the next attempt uses: those that answer, without those that failed again and again.
///
/// Arithmetic alone: it starts nothing and asks nobody.
package struct Roster: Sendable {
  /// Where the next attempt runs, and with how many ranks.
  package struct Placement: Equatable, Sendable {
    /// Hosts in the order of the hostfile, with the slots they offer.
    package let hosts: [Hostfile.Host]
    package let ranks: Int
    /// Hosts that answer, but failed too often.
    package let leftOut: [String]
    /// Hosts that answer, but on which no rank can run: `node2 (lacks /opt/lockstep)`.
    package let unfit: [String]
    /// Hosts that answer, and do not hear others that are used.
    package let apart: [String]
  }

  /// A host that failed so often is left out.
  package static let failuresAllowed = 3

  /// How often each host failed; it is forgotten when its line leaves the hostfile.
  private var failures: [String: Int] = [:]
  /// What hosts lack on which no rank can run; forgotten likewise.
  private var lacks: [String: String] = [:]
  private var hosts: [Hostfile.Host]
  /// Those that do not hear each other, as far as is known.
  var pairs: [HostPair] = []

  package init(_ hostfile: Hostfile) { hosts = hostfile.hosts }

  /// Takes the hostfile as it is now; returns the names that came and those that went.
  package mutating func update(_ hostfile: Hostfile) -> (added: [String], removed: [String]) {
    let (old, new) = (hosts.map(\.name), hostfile.hosts.map(\.name))
    let removed = old.filter { !new.contains($0) }
    for name in removed { (failures[name], lacks[name]) = (nil, nil) }
    pairs.removeAll { removed.contains($0.first) || removed.contains($0.second) }
    hosts = hostfile.hosts
    return (new.filter { !old.contains($0) }, removed)
  }

  package var names: [String] { hosts.map(\.name) }

  /// Notes that a host ended an attempt; a name that is not in the hostfile is nobody's fault.
  package mutating func blame(_ host: String) {
    if let name = name(of: host) { failures[name, default: 0] += 1 }
  }

  /// Notes what a host lacks, so that no rank can run there.
  ///
  /// Returns whether that is new.
  mutating func exclude(_ host: String, lack: String) -> Bool {
    guard let name = name(of: host), lacks[name] == nil else { return false }
    lacks[name] = lack
    return true
  }

  /// The hostfile's name of a host that calls itself `host`: node01 and node01.cluster.example are the same.
  func name(of host: String) -> String? {
    names.first { $0 == host } ?? names.first { Self.short($0) == Self.short(host) }
  }

  /// At most `wanted` ranks on the hosts that answer.
  ///
  /// Hosts that failed too often are left out, unless fewer than `least` ranks would be left: then those with the
  /// fewest failures come back first, for a bad host is better than none. Of hosts that do not hear each other only such
  /// are used that do; those on which no rank can run never come back.
  package func placement(wanted: Int, least: Int, answering: Set<String>) -> Placement {
    let all = hosts.filter { answering.contains($0.name) }
    let present = all.filter { lacks[$0.name] == nil }
    var used = Set(present.map(\.name).filter { failures[$0, default: 0] < Self.failuresAllowed })
    func slots() -> Int { present.reduce(0) { $0 + (used.contains($1.name) ? $1.slots : 0) } }
    // Sorting is stable: of equals, the first in the file.
    for host in present.sorted(by: { failures[$0.name, default: 0] < failures[$1.name, default: 0] })
    where slots() < least { used.insert(host.name) }
    let leftOut = present.map(\.name).filter { !used.contains($0) }
    // Whoever misses most others goes; of equals the last in the file, since rank zero is on the first.
    var apart: [String] = []
    func missed(by host: String) -> Int {
      used.contains(host)
        ? pairs.count {
          ($0.first == host && used.contains($0.second)) || ($0.second == host && used.contains($0.first))
        }
        : 0
    }
    while let worst = present.reversed().map(\.name).max(by: { missed(by: $0) < missed(by: $1) }), missed(by: worst) > 0
    {
      used.remove(worst)
      apart.append(worst)
    }
    return Placement(
      hosts: present.filter { used.contains($0.name) }, ranks: min(wanted, slots()), leftOut: leftOut,
      unfit: all.compactMap { host in lacks[host.name].map { "\(host.name) (lacks \($0))" } }, apart: apart)
  }
}

extension Roster {
  /// The part of a host's name before the first dot; addresses are whole.
  static func short(_ name: String) -> Substring {
    name.allSatisfy { $0.isNumber || $0 == "." } ? Substring(name) : name.prefix { $0 != "." }
  }
}
