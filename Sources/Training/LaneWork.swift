import Communication
import Layers
import Reduction
import Tensors

/// What the lanes of a rank do with a batch of so many leaves: made once for each number of leaves, followed every step.
struct LaneWork: Sendable {
  let route: Route
  /// The leaves of each lane, in order, and the buffers they go through.
  let schedules: [LeafSchedule]
  /// For each node that the rank brings: the lanes' nodes it is made of, and the additions that make it.
  let joins: [Join]

  struct Join: Sendable {
    /// (lane, buffer of the lane), from left to right; the sum ends in the first.
    let operands: [(lane: Int, buffer: Int)]
    let additions: [CanonicalTree.Addition]
  }

  init(lanes: Int, route: Route) {
    let tree = CanonicalTree(leaves: route.leaves)
    let schedules = (0..<lanes).map { lane in
      LeafSchedule(tree: tree, range: contiguousShare(of: lane, among: lanes, in: route.range))
    }
    let parts = schedules.enumerated().flatMap { lane, schedule in
      schedule.nodes.map { (node: $0.node, lane: lane, buffer: $0.buffer) }
    }
    joins = route.own.map { node in
      let range = tree.leaves(of: node)
      let inside = parts.filter { range.contains(tree.leaves(of: $0.node).lowerBound) }
      return Join(
        operands: inside.map { ($0.lane, $0.buffer) },
        additions: tree.additions(of: inside.map(\.node), into: node))
    }
    self.route = route
    self.schedules = schedules
  }

  /// Where the rank's nodes lie among the lanes' gradient buffers when all is joined.
  func nodes(in gradients: [[FloatView]]) -> [FloatView] {
    joins.map { gradients[$0.operands[0].lane][$0.operands[0].buffer] }
  }

  /// Whether the lanes' sums have to be added to each other.
  var hasJoins: Bool { joins.contains { !$0.additions.isEmpty } }

  /// Gradient buffers that each lane needs.
  var bufferCounts: [Int] { schedules.map(\.bufferCount) }
}

/// What a step of so many leaves works with: made once, so that a step allocates nothing.
final class BatchWork: Sendable {
  let lanes: LaneWork
  /// The rank's nodes, as they lie when the lanes have joined them.
  let contribution: Contribution
  let exchange: StepExchange
  var route: Route { lanes.route }
  /// Micro-batches that the lane with the most of them computes.
  var rounds: Int { (route.range.count + lanes.schedules.count - 1) / lanes.schedules.count }

  /// `gradients[lane][buffer]`; all ranks call it.
  init(_ lanes: LaneWork, gradients: [[FloatView]], reducer: GradientReducer, world: any Communicator) throws {
    self.lanes = lanes
    contribution = try reducer.prepare(lanes.route, nodes: lanes.nodes(in: gradients))
    exchange = StepExchange(leaves: lanes.route.leaves, world: world)
  }
}
