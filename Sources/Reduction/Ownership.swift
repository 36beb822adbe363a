import Kernels

/// Which rank folds and updates which floats of the flat buffer.
///
/// The buffer is cut into buckets, and each bucket into one slice a rank, on boundaries of `Kernels.blockSize` floats so
/// that partial sums over blocks are the same for any number of ranks and any bucket size. Slices may be empty.
///
/// The blocks of the buffer are dealt to the ranks in turn, as cards are, and a rank owns as many blocks of a bucket as it
/// was dealt of it, in one piece. So the ranks that own a block more rotate from bucket to bucket:
///
/// ```
/// blocks   0  1  2  3  4 │ 5  6  7  8  9 │10 11 12       4 ranks, buckets of 5 blocks
/// dealt    0  1  2  3  0 │ 1  2  3  0  1 │ 2  3  0
/// owners   0  0  1  2  3 │ 0  1  1  2  3 │ 0  2  3       4, 3, 3 and 3 blocks
/// ```
///
/// A rank owns ⌊b/R⌋ or ⌈b/R⌉ of b blocks that R ranks share, of every bucket as well as of the buffer: the most even that
/// whole blocks allow. The largest share is at most 1 + (R - 1)/b times the mean, 1.1 times from 10·R blocks on.
public struct Ownership: Equatable, Sendable {
  /// Contiguous, in the order of the buffer.
  public let buckets: [Range<Int>]
  /// How many ranks share a bucket; where it is one, every rank may own everything for itself.
  public let ranks: Int

  /// Cuts `count` floats for `ranks` ranks; a bucket has `bucketSize` floats, rounded up to whole blocks.
  public init(count: Int, bucketSize: Int, ranks: Int) {
    precondition(bucketSize > 0, "a bucket has at least one float, found \(bucketSize)")
    precondition(ranks > 0, "somebody owns each float, found \(ranks) ranks")
    let size = wholeBlocks(bucketSize) * Kernels.blockSize
    buckets = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    self.ranks = ranks
  }

  /// The slices of a bucket.
  public func slices(of bucket: Int) -> BucketSlices { BucketSlices(buckets[bucket], ranks: ranks) }

  /// Floats of the largest slice, which is one of the first bucket, the largest.
  public var largestSlice: Int { buckets.isEmpty ? 0 : slices(of: 0).map(\.count).max()! }

  /// Floats of the buffer.
  public var count: Int { buckets.last?.upperBound ?? 0 }

  /// Floats that one rank owns.
  public func ownedCount(by rank: Int) -> Int { buckets.indices.reduce(0) { $0 + slices(of: $1)[rank].count } }

  /// The slices of one rank, a bucket each.
  public func owned(by rank: Int) -> [Range<Int>] { buckets.indices.map { slices(of: $0)[rank] } }
}

/// What each rank owns of a bucket: ranges of the flat buffer by rank, ascending, computed when asked for.
public struct BucketSlices: RandomAccessCollection, Sendable {
  private let bucket: Range<Int>
  private let ranks: Int
  /// Rounds in which each rank got a block of the bucket.
  private let rounds: Int
  /// At which rank the deal is when the bucket begins, and when it ends.
  private let first: Int
  private let end: Int

  /// The bucket begins on a block's first float.
  init(_ bucket: Range<Int>, ranks: Int) {
    let (before, through) = (bucket.lowerBound / Kernels.blockSize, wholeBlocks(bucket.upperBound))
    self.bucket = bucket
    self.ranks = ranks
    rounds = through / ranks - before / ranks
    (first, end) = (before % ranks, through % ranks)
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { ranks }

  public subscript(rank: Int) -> Range<Int> { start(of: rank)..<start(of: rank + 1) }

  /// Behind the blocks that lower ranks own.
  private func start(of rank: Int) -> Int {
    let blocks = rounds * rank + Swift.min(end, rank) - Swift.min(first, rank)
    return Swift.min(bucket.lowerBound + blocks * Kernels.blockSize, bucket.upperBound)
  }
}

/// How many blocks `count` floats from a block's first one on take, the last perhaps in part.
func wholeBlocks(_ count: Int) -> Int { (count + Kernels.blockSize - 1) / Kernels.blockSize }

extension [Range<Int>] {
  /// Where each of them begins when they lie one after the other, without gaps, and where the last ends.
  package var packed: (starts: [Int], count: Int) {
    var (starts, end) = ([Int](), 0)
    for range in self {
      starts.append(end)
      end += range.count
    }
    return (starts, end)
  }
}

extension Range<Int> {
  /// The same range of floats in bytes.
  var inBytes: Range<Int> {
    lowerBound * MemoryLayout<Float>.stride..<upperBound * MemoryLayout<Float>.stride
  }
}
