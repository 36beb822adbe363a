import Communication
import Reduction

/// The few numbers that all ranks tell each other every step: the loss of each leaf, and whether someone wants to stop.
///
/// One small allgather before the gradients move. It is also where a rank waits for slower ones, so that its time is
/// the time lost to stragglers.
final class StepExchange: @unchecked Sendable {
  private let world: any Communicator
  private let tree: CanonicalTree
  private let memory: UnsafeMutableBufferPointer<Double>
  /// In doubles: a rank's wish, then the losses of its leaves.
  private let ranges: [Range<Int>]
  private let byteRanges: [Range<Int>]

  init(leaves: Int, world: any Communicator) {
    self.world = world
    tree = CanonicalTree(leaves: leaves)
    var (ranges, end) = ([Range<Int>](), 0)
    for rank in 0..<world.size {
      let count = 1 + tree.share(of: rank, among: world.size).count
      ranges.append(end..<end + count)
      end += count
    }
    self.ranges = ranges
    byteRanges = ranges.map { $0.lowerBound * 8..<$0.upperBound * 8 }
    memory = .allocate(capacity: end)
    memory.initialize(repeating: 0)
  }

  deinit { memory.deallocate() }

  /// Notes the loss of one of this rank's leaves, counted from its first.
  func setLoss(_ loss: Double, leaf: Int) { memory[ranges[world.rank].lowerBound + 1 + leaf] = loss }

  /// Exchanges; returns the sum of the losses along the tree, and whether any rank wants to stop.
  func callAsFunction(wantsStop: Bool) throws -> (loss: Double, stop: Bool) {
    memory[ranges[world.rank].lowerBound] = wantsStop ? 1 : 0
    try world.allGather(UnsafeMutableRawBufferPointer(memory), ranges: byteRanges)
    let stop = ranges.contains { memory[$0.lowerBound] != 0 }
    // The losses, moved together in leaf order: rank r's start r + 1 doubles later than their leaf's number.
    var leaf = 0
    for range in ranges {
      for place in range.dropFirst() {
        memory[leaf] = memory[place]
        leaf += 1
      }
    }
    return (tree.sum(overwriting: UnsafeMutableBufferPointer(rebasing: memory[..<leaf])), stop)
  }
}
