import Communication
import Tensors

/// The messages of a canonical sum: each bucket's slices of all ranks' nodes to the slices' owners.
///
/// Buckets go in one order, the same on every rank. Some of them are under way at a time, each into memory of its own;
/// made once, so that a step allocates nothing.
final class NodeExchange {
  private let world: any Communicator
  private let ownership: Ownership
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

  /// `mostUnderWay` bounds the buckets under way at a time; so does memory: at most as much as two buckets need, or as
  /// a gradient has.
  init(_ ownership: Ownership, order: [Int], mostUnderWay: Int, world: any Communicator) {
    (self.world, self.ownership) = (world, ownership)
    (self.order, self.mostUnderWay) = (order, mostUnderWay)
    sendRanges = Array(repeating: 0..<0, count: world.size)
    receiveRanges = sendRanges
  }

  /// Makes memory for a route; all ranks call it, before the first step.
  func prepare(_ route: Route) throws {
    precondition(started == 0, "memory is made before the first step")
    // The same on every rank, so that all of them start the same buckets at the same time.
    let slice = ownership.largestSlice
    let foreign = (0..<world.size).map(route.foreign).max() ?? 0
    room = max(room, foreign * slice)
    let count = ownership.buckets.last?.upperBound ?? 0
    depth = min(mostUnderWay, order.count, max(2, count / max(1, room)))
    if received.count < depth * room { received = FlatBuffer(count: depth * room) }
    while exchanges.count < depth { exchanges.append([]) }
    for place in 0..<depth {
      while exchanges[place].count < route.rounds { exchanges[place].append(try world.makeAllToAll()) }
    }
  }

  /// Starts the first `ready` buckets, as far as they may be under way, `most` at a time.
  ///
  /// Node by node, so that slices go out of the nodes as they lie, without packing.
  func start(_ nodes: [FloatView], _ route: Route, ready: Int, most: Int) throws {
    while started < min(ready, used + min(depth, most)) {
      let (bucket, place) = (order[started], started % depth)
      let memory = received.view[place * room..<(place + 1) * room].bytes
      let slices = ownership.slices(of: bucket)
      let mine = slices[world.rank].count
      for round in 0..<route.rounds {
        let sends = round < nodes.count
        for rank in 0..<world.size {
          let isOther = rank != world.rank
          sendRanges[rank] = sends && isOther ? slices[rank].inBytes : 0..<0
          let receives = isOther && round < route.nodes[rank].count
          let node = route.starts[rank] + round - (rank > world.rank ? nodes.count : 0)
          receiveRanges[rank] = receives ? (node * mine..<(node + 1) * mine).inBytes : 0..<0
        }
        try exchanges[place][round].start(
          send: sends ? UnsafeRawBufferPointer(nodes[round].bytes) : UnsafeRawBufferPointer(start: nil, count: 0),
          sendRanges: sendRanges, receive: memory, receiveRanges: receiveRanges)
      }
      started += 1
    }
  }

  /// Moves on what is under way.
  func advance(_ route: Route) throws {
    for position in used..<started {
      for round in 0..<route.rounds { try exchanges[position % depth][round].advance() }
    }
  }

  /// Returns when the next bucket, `order[used]`, is here; it has been started. `slice` reads it then.
  func finish(_ route: Route) throws {
    for round in 0..<route.rounds { try exchanges[used % depth][round].finish() }
  }

  /// Node `node` of those that the other ranks brought of the bucket that is here.
  func slice(_ node: Int, count: Int) -> FloatView {
    let first = used % depth * room + node * count
    return received.view[first..<first + count]
  }

  /// Waits for what is under way, and forgets it: the step has no sum. All ranks have started the same buckets.
  func drain(_ route: Route) throws {
    while used < started {
      try finish(route)
      used += 1
    }
    (started, used) = (0, 0)
  }

  /// Gives the memory of the bucket that is here back. With the last one the step is over.
  func release() {
    used += 1
    if used == order.count { (started, used) = (0, 0) }
  }
}
