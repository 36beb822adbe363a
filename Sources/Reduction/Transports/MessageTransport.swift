import Communication
import Tensors

/// By messages: each bucket's slices of all ranks' nodes to the slices' owners, and an allgather of the parameters.
///
/// Buckets go in one order, the same on every rank. Some of them are under way at a time, each into memory of its own;
/// made once, so that a step allocates nothing.
final class MessageTransport: Transport {
  static let kind = "messages"
  static let summary = "a slice of each node to its owner, and new parameters to all"

  private let world: any Communicator
  private let ownership: Ownership
  private let collectives: SliceCollectives
  /// The numbers of the buckets as they go.
  private let order: [Int]
  private let mostUnderWay: Int
  private var depth = 1
  /// Floats that one bucket takes in `received`.
  private var room = 0
  private var received = FlatBuffer(count: 0)
  /// `exchanges[place][round]`, a place for each bucket under way.
  private var exchanges: [[any AllToAll]] = []
  private var sendRanges: [Range<Int>]
  private var receiveRanges: [Range<Int>]
  /// Buckets of this step that have been started, and that have been added up.
  private var started = 0
  private var used = 0

  /// Memory bounds the buckets under way as well: at most as much as two buckets need, or as a gradient has.
  init(_ binding: TransportBinding) {
    (world, ownership, collectives) = (binding.world, binding.ownership, binding.collectives)
    (order, mostUnderWay) = (binding.order, binding.mostUnderWay)
    sendRanges = Array(repeating: 0..<0, count: world.size)
    receiveRanges = sendRanges
  }

  var canOverlap: Bool { world.size > 1 }

  func prepare(_ route: Route, nodes: [FloatView]) throws -> Contribution {
    precondition(started == 0, "memory is made before the first step")
    // The same on every rank, so that all of them start the same buckets at the same time.
    let foreign = (0..<world.size).map(route.foreign).max() ?? 0
    room = max(room, foreign * ownership.largestSlice)
    depth = min(mostUnderWay, order.count, max(2, ownership.count / max(1, room)))
    if received.count < depth * room { received = FlatBuffer(count: depth * room) }
    while exchanges.count < depth { exchanges.append([]) }
    for place in 0..<depth {
      while exchanges[place].count < route.rounds { exchanges[place].append(try world.makeAllToAll()) }
    }
    return Contribution(route, nodes: nodes)
  }

  func start(_ contribution: Contribution, ready: Int, most: Int) throws {
    for position in used..<started {
      for round in 0..<contribution.route.rounds { try exchanges[position % depth][round].advance() }
    }
    try send(contribution, ready: ready, most: most)
  }

  /// Node by node, so that slices go out of the nodes as they lie, without packing.
  private func send(_ contribution: Contribution, ready: Int, most: Int) throws {
    let (route, nodes) = (contribution.route, contribution.nodes)
    while started < min(ready, used + min(depth, most)) {
      let (slices, place) = (ownership.slices(of: order[started]), started % depth)
      let memory = received.view[place * room..<(place + 1) * room].bytes
      let mine = slices[world.rank].count
      for round in 0..<route.rounds {
        let sends = round < nodes.count
        for rank in 0..<world.size {
          let isOther = rank != world.rank
          sendRanges[rank] = sends && isOther ? slices[rank].inBytes : 0..<0
          let receives = isOther && round < route.nodes[rank].count
          let node = foreignPlace(of: route.starts[rank] + round, route)
          receiveRanges[rank] = receives ? (node * mine..<(node + 1) * mine).inBytes : 0..<0
        }
        try exchanges[place][round].start(
          send: sends ? UnsafeRawBufferPointer(nodes[round].bytes) : UnsafeRawBufferPointer(start: nil, count: 0),
          sendRanges: sendRanges, receive: memory, receiveRanges: receiveRanges)
      }
      started += 1
    }
  }

  func receive(_ slice: Range<Int>, of contribution: Contribution, into sum: FloatView, most: Int) throws {
    try send(contribution, ready: order.count, most: most)
    try finish(contribution)
  }

  /// Returns when the next bucket, `order[used]`, is here; it has been started.
  private func finish(_ contribution: Contribution) throws {
    for round in 0..<contribution.route.rounds { try exchanges[used % depth][round].finish() }
  }

  func fold(_ part: Range<Int>, of slice: Range<Int>, _ contribution: Contribution, into sum: FloatView) {
    contribution.fold(part, of: slice, into: sum) { operand in
      let first = used % depth * room + foreignPlace(of: operand, contribution.route) * slice.count
      return received.view[first..<first + slice.count]
    }
  }

  /// An operand's place among those of the other ranks.
  private func foreignPlace(of operand: Int, _ route: Route) -> Int {
    operand < route.starts[world.rank] ? operand : operand - route.own.count
  }

  /// Gives the memory of the bucket that is here back. With the last one the step is over.
  func release() {
    used += 1
    if used == order.count { (started, used) = (0, 0) }
  }

  /// Waits for what is under way, and forgets it. All ranks have started the same buckets.
  func drain(_ contribution: Contribution) throws {
    while used < started {
      try finish(contribution)
      used += 1
    }
    (started, used) = (0, 0)
  }

  func spread(_ parameters: FloatView) throws { try collectives.allGather(parameters) }
}
