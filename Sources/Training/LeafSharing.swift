import Communication

/// How many lanes share a leaf; the bits are the same.
///
/// Where a rank has fewer leaves than lanes, lanes that shared none would be idle; where it has enough of them, lanes that share
/// need fewer gradients, and lanes that do not need not wait for each other at every kernel. The first steps tell which is quicker.
struct LeafSharing: Sendable {
  /// Steps that are tried each way.
  static let rounds = 5

  /// Lanes a leaf, the ways that are compared.
  let ways: [Int]
  private var trial: TurnTrial

  /// Nil as a wish compares 1, 2, 4, … and all lanes, of the rank with most of them; the one that keeps all lanes busy comes first. All
  /// ranks make it together.
  ///
  /// - Parameters:
  ///   - lanes: of this rank.
  ///   - leaves: of a whole batch that this rank computes.
  init(_ wish: Int?, lanes: Int, leaves: Int, _ world: any Communicator) throws {
    let natural = leaves == 0 ? 1 : (lanes + leaves - 1) / leaves
    let ranks = try world.allGather([lanes, natural, wish ?? 0])
    let most = ranks.map { $0[0] }.max()!
    if let fixed = ranks.map({ $0[2] }).max(), fixed > 0 {
      // Each rank may have a number of its own; those that have none take what the others agree on.
      ways = [wish ?? fixed]
    } else {
      let powers = sequence(first: 1) { $0 * 2 }.prefix { $0 < most } + [most]
      let first = powers.first { $0 >= ranks.map { $0[1] }.max()! } ?? most
      ways = [first] + powers.filter { $0 != first }
    }
    trial = TurnTrial(ways: ways.count, rounds: Self.rounds, warmUp: max(2, ways.count))
  }

  /// The way of the next step.
  var way: Int { trial.way }
  /// Whether ways are still compared.
  var isTrying: Bool { trial.isTrying }

  /// Notes how long a step took; all ranks call it after every step. Returns what was measured when it has chosen.
  mutating func note(_ total: Double, isWhole: Bool, in world: any Communicator) throws -> Trainer.SharingReport? {
    guard let seconds = try trial.note(total, isWhole: isWhole, in: world) else { return nil }
    let found = zip(ways, seconds).map { Trainer.SharingReport.Way(lanesPerLeaf: $0, seconds: $1) }
    return Trainer.SharingReport(chosen: found[trial.way], others: found.filter { $0.lanesPerLeaf != ways[trial.way] })
  }
}
