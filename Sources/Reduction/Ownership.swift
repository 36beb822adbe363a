import Kernels

/// Which rank folds and updates which floats of the flat buffer.
///
/// The buffer is cut into buckets, and each bucket into one slice a rank, on boundaries of `Kernels.blockSize` floats so
/// that partial sums over blocks are the same for any number of ranks and any bucket size. Slices may be empty.
public struct Ownership: Equatable, Sendable {
  /// Contiguous, in the order of the buffer.
  public let buckets: [Range<Int>]
  /// `slices[bucket][rank]`
  public let slices: [[Range<Int>]]

  /// Cuts `count` floats for `ranks` ranks; a bucket has `bucketSize` floats, rounded up to whole blocks.
  public init(count: Int, bucketSize: Int, ranks: Int) {
    precondition(bucketSize > 0, "a bucket has at least one float, found \(bucketSize)")
    let block = Kernels.blockSize
    let size = (bucketSize + block - 1) / block * block
    buckets = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    slices = buckets.map { bucket in
      let blocks = (bucket.count + block - 1) / block
      return (0..<ranks).map { rank in
        let share = contiguousShare(of: rank, among: ranks, in: 0..<blocks)
        return min(
          bucket.lowerBound + share.lowerBound * block, bucket.upperBound)..<min(
            bucket.lowerBound + share.upperBound * block, bucket.upperBound)
      }
    }
  }

  /// The slices of one rank, a bucket each.
  public func owned(by rank: Int) -> [Range<Int>] { slices.map { $0[rank] } }
}

extension Range<Int> {
  /// The same range of floats in bytes.
  var inBytes: Range<Int> {
    lowerBound * MemoryLayout<Float>.stride..<upperBound * MemoryLayout<Float>.stride
  }
}
