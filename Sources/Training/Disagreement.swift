import Communication
import Diagnostics
import Tensors

/// Ranks whose numbers are not those of the others, although all must be the same.
///
/// Memory and arithmetic units fail silently now and then; of several ranks the odd ones out are then to blame.
package struct Disagreement: Equatable {
  /// In ascending order.
  package let ranks: [Int]
  /// The first place at which one of them differs.
  let place: Int
  /// Whether most ranks agree; otherwise nobody can tell who is right, and `ranks` are those that differ from rank zero.
  let isMajority: Bool

  /// Nil where all rows are equal. `rows[rank]` are the checksums of the same things, as many on each rank.
  package init?<Checksum: Hashable>(_ rows: [[Checksum]]) {
    let counts = rows.reduce(into: [[Checksum]: Int]()) { $0[$1, default: 0] += 1 }
    guard counts.count > 1 else { return nil }
    let usual = counts.max { ($0.value, $1.key == rows[0] ? 1 : 0) < ($1.value, $0.key == rows[0] ? 1 : 0) }!
    isMajority = 2 * usual.value > rows.count
    let expected = isMajority ? usual.key : rows[0]
    ranks = rows.indices.filter { rows[$0] != expected }
    place = ranks.map { rank in zip(rows[rank], expected).prefix { $0 == $1 }.count }.min()!
  }

  /// `rank 2 on b`, `ranks 1 and 2 …`
  func names(_ hosts: [String]) -> String { ranks.map { "rank \($0) on \(hosts[$0])" }.joined(separator: ", ") }

  /// What all ranks throw together, as all know of it.
  ///
  /// The first odd one out tells of it, since a supervisor blames the host of the rank that does; where nobody can tell
  /// who is right, rank zero.
  func thrown(_ failure: Failure, hosts: [String]) -> CollectiveFailure {
    let teller = isMajority ? ranks[0] : 0
    return CollectiveFailure(rank: teller, host: hosts[teller], failure: failure)
  }

  /// Throws a `CollectiveFailure` of the first rank whose value is not that of most, or else of rank zero, so that its
  /// host is the one that a supervisor leaves out. Ranks without a value are not compared.
  ///
  /// - Parameter failure: what it says of the odd rank, and of the first that has the usual value.
  package static func refuse<Value: Hashable>(
    _ values: [Value?], hosts: [String], _ failure: (_ odd: Int, _ usual: Int) -> Failure
  ) throws {
    let known = values.indices.filter { values[$0] != nil }
    guard let odd = Disagreement(known.map { [values[$0]!] })?.ranks.map({ known[$0] }) else { return }
    let usual = known.first { !odd.contains($0) }!
    throw CollectiveFailure(rank: odd[0], host: hosts[odd[0]], failure: failure(odd[0], usual))
  }
}

extension Trainer {
  /// Compares the parameters of all ranks, bit for bit; all ranks call it. Does nothing where they have one copy.
  ///
  /// A copy is replaced in every step by what the owners have computed. A bit that fails in it is seen where it stays, as
  /// in a broken cell, or failed in the very step that compares.
  ///
  /// Throws a `CollectiveFailure` that names the ranks whose parameters differ, their hosts and the first slot.
  package func compareParameters(inStep step: Int) throws {
    guard !sharesParameters, world.size > 1 else { return }
    let own = plan.layout.checksums(of: parameters)
    var total = Checksum()
    total.add(own)
    // One number a rank, unless something is wrong.
    let totals = try world.allGather([total.value])
    guard totals.contains(where: { $0 != totals[0] }) else { return }
    let hosts = try world.allGather(world.host)
    guard let disagreement = Disagreement(try world.allGather(own)) else { return }
    let slot = plan.layout.slots[disagreement.place].name
    throw disagreement.thrown(
      Failure(
        .internal, at: "step \(step)",
        disagreement.isMajority
          ? "the parameters of \(disagreement.names(hosts)) are not those of the other ranks, first in \(slot)"
          : "the ranks have different parameters, first in \(slot): \(disagreement.names(hosts)) are not as rank 0",
        cure: "check the memory of that host, and go on from the last checkpoint with --resume"), hosts: hosts)
  }
}
