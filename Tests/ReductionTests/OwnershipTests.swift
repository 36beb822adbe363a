import Kernels
import Testing

@testable import Reduction

@Suite struct OwnershipTests {
  static let block = Kernels.blockSize
  static let counts = [0, 1, 16, block - 1, block, block + 1, 3 * block, 10 * block + 7, 37 * block + 1000]
  static let bucketSizes = [1, 7, block, block + 1, 4 * block, 1 << 20]

  @Test(arguments: counts, bucketSizes)
  func slicesTileTheBucketsAndBucketsTheBuffer(count: Int, bucketSize: Int) throws {
    for ranks in 1...40 {
      let ownership = Ownership(count: count, bucketSize: bucketSize, ranks: ranks)
      try #require(ownership.buckets.reduce(0) { $1.lowerBound == $0 ? $1.upperBound : -1 } == count)
      try #require(ownership.slices.count == ownership.buckets.count)
      for (bucket, slices) in zip(ownership.buckets, ownership.slices) {
        try #require(slices.count == ranks)
        try #require(
          slices.reduce(bucket.lowerBound) { $1.lowerBound == $0 ? $1.upperBound : -1 } == bucket.upperBound,
          "\(slices) in \(bucket)")
      }
    }
  }

  /// Partial sums over blocks are the same for all only if no block is shared.
  @Test(arguments: counts, bucketSizes)
  func everyBlockHasOneOwner(count: Int, bucketSize: Int) throws {
    for ranks in 1...40 {
      let ownership = Ownership(count: count, bucketSize: bucketSize, ranks: ranks)
      for slice in ownership.slices.joined() where !slice.isEmpty {
        try #require(slice.lowerBound % Self.block == 0)
        try #require(slice.upperBound % Self.block == 0 || slice.upperBound == count)
      }
    }
  }

  @Test func bucketsAreRoundedUpToBlocksAndSharedEvenly() {
    let ownership = Ownership(count: 10 * Self.block + 7, bucketSize: 4 * Self.block - 5, ranks: 3)
    #expect(ownership.buckets.map(\.count) == [4 * Self.block, 4 * Self.block, 2 * Self.block + 7])
    for (bucket, slices) in zip(ownership.buckets, ownership.slices) {
      let blocks = slices.map { ($0.count + Self.block - 1) / Self.block }
      #expect(blocks.max()! - blocks.min()! <= 1, "\(slices) in \(bucket)")
    }
    for rank in 0..<3 { #expect(ownership.owned(by: rank) == ownership.slices.map { $0[rank] }) }
  }

  @Test func rangesOfFloatsInBytes() {
    #expect((3..<7).inBytes == 12..<28)
  }
}
