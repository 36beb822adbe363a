import Communication
import Layers
import Reduction
import Tensors

/// What the crews of a rank do with a batch of so many leaves: made once for each number of leaves, followed every step.
struct LaneWork: Sendable {
  let route: Route
  /// The leaves of each crew, in order, and the buffers they go through.
  let schedules: [LeafSchedule]
  /// For each node that the rank brings: the crews' nodes it is made of, and the additions that make it.
  let joins: [Join]

  struct Join: Sendable {
    /// (crew, buffer of the crew), from left to right; the sum ends in the first.
    let operands: [(crew: Int, buffer: Int)]
    let additions: [CanonicalTree.Addition]
  }

  init(crews: Int, route: Route) {
    let tree = CanonicalTree(leaves: route.leaves)
    let schedules = (0..<crews).map { crew in
      LeafSchedule(tree: tree, range: contiguousShare(of: crew, among: crews, in: route.range))
    }
    let parts = schedules.enumerated().flatMap { crew, schedule in
      schedule.nodes.map { (node: $0.node, crew: crew, buffer: $0.buffer) }
    }
    joins = route.own.map { node in
      let range = tree.leaves(of: node)
      let inside = parts.filter { range.contains(tree.leaves(of: $0.node).lowerBound) }
      return Join(
        operands: inside.map { ($0.crew, $0.buffer) },
        additions: tree.additions(of: inside.map(\.node), into: node))
    }
    self.route = route
    self.schedules = schedules
  }

  /// Where the rank's nodes lie among the crews' gradient buffers when all is joined.
  func nodes(in gradients: [[FloatView]]) -> [FloatView] {
    joins.map { gradients[$0.operands[0].crew][$0.operands[0].buffer] }
  }

  /// Whether the crews' sums have to be added to each other.
  var hasJoins: Bool { joins.contains { !$0.additions.isEmpty } }

  /// Gradient buffers that each crew needs.
  var bufferCounts: [Int] { schedules.map(\.bufferCount) }
}

/// What a step of so many leaves works with: made once, so that a step allocates nothing.
final class BatchWork: Sendable {
  let crews: LaneWork
  let formation: Formation
  /// The rank's nodes, as they lie when the crews have joined them.
  let contribution: Contribution
  let exchange: StepExchange
  var route: Route { crews.route }
  /// Micro-batches that the crew with the most of them computes.
  var rounds: Int { (route.range.count + crews.schedules.count - 1) / crews.schedules.count }

  /// `gradients[crew][buffer]`; all ranks call it.
  init(
    _ crews: LaneWork, _ formation: Formation, gradients: [[FloatView]], reducer: GradientReducer,
    world: any Communicator
  ) throws {
    (self.crews, self.formation) = (crews, formation)
    contribution = try reducer.prepare(crews.route, nodes: crews.nodes(in: gradients))
    exchange = StepExchange(leaves: crews.route.leaves, world: world)
  }
}
