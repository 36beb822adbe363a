import Communication
import Reduction
import Tensors

/// The few numbers that all ranks tell each other every step: the loss and the weight of each leaf, how fast each
/// rank computes, how many lanes are to work next, and what someone asks of all.
///
/// One small allgather before the gradients move. It is also where a rank waits for slower ones, so that its time is
/// the time lost to stragglers.
final class StepExchange: @unchecked Sendable {
  /// Numbers of a rank before those of its leaves.
  private static let head = 3
  private let world: any Communicator
  private let tree: CanonicalTree
  private let buffer: NumberBuffer<Double>
  /// All leaves' losses, or weights, in leaf order.
  private let column: NumberBuffer<Double>
  /// In doubles: a rank's request, its pace and the level of lanes that it wishes, then a loss and a weight for each of its leaves.
  private let ranges: [Range<Int>]
  private let byteRanges: [Range<Int>]

  init(leaves: Int, world: any Communicator) {
    self.world = world
    tree = CanonicalTree(leaves: leaves)
    var (ranges, end) = ([Range<Int>](), 0)
    for rank in 0..<world.size {
      let count = Self.head + 2 * tree.share(of: rank, among: world.size).count
      ranges.append(end..<end + count)
      end += count
    }
    self.ranges = ranges
    byteRanges = ranges.map { $0.lowerBound * 8..<$0.upperBound * 8 }
    buffer = NumberBuffer(count: end, repeating: 0)
    column = NumberBuffer(count: leaves, repeating: 0)
  }

  private var memory: UnsafeMutableBufferPointer<Double> { buffer.elements }

  /// Notes one of this rank's leaves, counted from its first: the sum of its losses, and what its targets weigh.
  func set(loss: Double, weight: Double, leaf: Int) {
    let place = ranges[world.rank].lowerBound + Self.head + 2 * leaf
    memory[place] = loss
    memory[place + 1] = weight
  }

  /// Exchanges; returns the sums of the losses and of the weights along the tree, and the greatest of the requests.
  ///
  /// `pace` is that of this rank, as `ComputePaces` counts it; `level` is what `LaneChoice` wishes on rank zero, whose
  /// word counts.
  func callAsFunction(
    _ request: Trainer.Request, pace: Double, level: Int
  ) throws -> (loss: Double, weight: Double, request: Trainer.Request, level: Int) {
    let own = ranges[world.rank].lowerBound
    (memory[own], memory[own + 1], memory[own + 2]) = (Double(request.rawValue), pace, Double(level))
    try world.allGather(buffer.bytes, ranges: byteRanges)
    var greatest = request.rawValue
    for range in ranges { greatest = max(greatest, Int(memory[range.lowerBound])) }
    let agreed = Int(memory[ranges[0].lowerBound + 2])
    return (sum(column: 0), sum(column: 1), Trainer.Request(rawValue: greatest) ?? .giveUp, agreed)
  }

  /// The pace that a rank told in the last exchange.
  func pace(of rank: Int) -> Double { memory[ranges[rank].lowerBound + 1] }

  /// The sum of one number a leaf, along the tree.
  private func sum(column number: Int) -> Double {
    var leaf = 0
    for range in ranges {
      for place in stride(from: range.lowerBound + Self.head + number, to: range.upperBound, by: 2) {
        column.elements[leaf] = memory[place]
        leaf += 1
      }
    }
    return tree.sum(overwriting: column.elements)
  }
}
