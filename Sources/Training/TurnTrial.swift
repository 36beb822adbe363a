import Communication

/// Compares several ways of doing a step: they take turns, and the quickest by its median is kept. All ranks choose the same.
struct TurnTrial: Sendable {
  /// The way of the next step.
  private(set) var way: Int
  /// Whether the ways are still compared.
  private(set) var isTrying: Bool
  /// Steps of each way that count.
  private let rounds: Int
  /// Steps before them, which do not count: memory is touched for the first time.
  private let warmUp: Int
  /// Seconds of the steps of each way.
  private var seconds: [[Double]]
  private var steps = 0

  /// Of `ways` ways, the first of which is kept until another one has shown to be quicker.
  init(ways: Int, rounds: Int, warmUp: Int) {
    precondition(ways > 0, "expected at least one way, found \(ways)")
    (way, isTrying, self.rounds, self.warmUp) = (0, ways > 1, rounds, warmUp)
    seconds = Array(repeating: [], count: ways)
    for way in 0..<ways { seconds[way].reserveCapacity(rounds) }
  }

  /// Notes how long a step took; all ranks call it after every step. When it has chosen, returns the medians of the ways, each of
  /// the rank where it was longest.
  ///
  /// Only whole batches count: an epoch's last one is shorter.
  mutating func note(_ total: Double, isWhole: Bool, in world: any Communicator) throws -> [Double]? {
    guard isTrying, isWhole else { return nil }
    steps += 1
    if steps > warmUp { seconds[way].append(total) }
    guard steps == warmUp + seconds.count * rounds else {
      way = (way + 1) % seconds.count
      return nil
    }
    let medians = seconds.map { $0.sorted()[$0.count / 2] }
    let ranks = try world.allGather(medians)
    let slowest = seconds.indices.map { way in ranks.map { $0[way] }.max()! }
    way = slowest.indices.min { slowest[$0] < slowest[$1] }!
    isTrying = false
    return slowest
  }
}
