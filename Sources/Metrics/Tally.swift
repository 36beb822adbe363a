/// What has to be counted over the samples of an evaluation so that scores can be made of it.
///
/// Counts are integers and add up to the same in any order. Sums are made a micro-batch and then added along the canonical
/// tree over the micro-batches. So every score has the same bits on any number of ranks and lanes. Metrics whose tallies are
/// equal share one.
public protocol Tally: Hashable, Sendable {
  /// How many integers are counted over all samples.
  var countWidth: Int { get }
  /// How many sums a micro-batch has.
  var sumWidth: Int { get }
  /// Whether rows of outputs may come one by one, each as a sample of its own, as where it has counts of single rows alone; not,
  /// if nothing else is said.
  var takesRows: Bool { get }
  /// Adds what it finds in a micro-batch to `cells`. Lanes call it at the same time, each with cells of its own.
  func add(_ batch: ScoredBatch, to cells: TallyCells)
  /// A table of what each class, label or output scores; nil where there is one score for all. Ends with a line break.
  func report(_ totals: Totals, digits: Int) -> String?
}

extension Tally {
  public var countWidth: Int { 0 }
  public var sumWidth: Int { 0 }
  public var takesRows: Bool { false }
  public func report(_ totals: Totals, digits: Int) -> String? { nil }
}

/// Nothing but the loss.
public struct NoTally: Tally {
  public init() {}
  public var takesRows: Bool { true }
  public func add(_ batch: ScoredBatch, to cells: TallyCells) {}
}

/// Where a tally counts: the integers of a lane, and the sums of a micro-batch.
public struct TallyCells {
  private let counts: UnsafeMutableBufferPointer<Int64>
  private let sums: UnsafeMutableBufferPointer<Double>

  /// Both borrowed, as wide as the tally says.
  public init(counts: UnsafeMutableBufferPointer<Int64>, sums: UnsafeMutableBufferPointer<Double>) {
    (self.counts, self.sums) = (counts, sums)
  }

  /// Counts one more at `place`.
  public func count(_ place: Int) { counts[place] += 1 }

  /// Adds to the sum at `place`.
  public func add(_ value: Double, to place: Int) { sums[place] += value }
}

/// What a tally came to over all samples, of all ranks.
public struct Totals: Sendable, Equatable {
  /// As many as the tally asked for with `countWidth`, over all samples and ranks.
  public let counts: [Int64]
  /// As many as the tally asked for with `sumWidth`, along the tree over all samples and ranks.
  public let sums: [Double]
  /// The mean loss of all targets, as in training.
  public let loss: Double

  /// Totals made by hand, for a test of a metric, say.
  public init(counts: [Int64] = [], sums: [Double] = [], loss: Double = 0) {
    (self.counts, self.sums, self.loss) = (counts, sums, loss)
  }
}
