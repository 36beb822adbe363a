import Kernels
import Testing

@testable import Reduction

/// Owners move from bucket to bucket, bits do not: the arithmetic of who owns what.
@Suite struct OwnershipTests {
  static let block = Kernels.blockSize
  static let counts = [0, 1, 16, block - 1, block, block + 1, 3 * block, 10 * block + 7, 37 * block + 1000]
  static let bucketSizes = [1, 7, block, block + 1, 4 * block, 1 << 20]

  /// Partial sums over blocks are the same for all only if no block is shared.
  @Test(arguments: counts, bucketSizes)
  func bucketsTileTheBufferAndSlicesTheBuckets(count: Int, bucketSize: Int) throws {
    for ranks in 1...40 { try Self.check(count: count, bucketSize: bucketSize, ranks: ranks) }
  }

  /// All numbers of up to 24 blocks, with a whole last one and a short one, buckets of up to 9 and up to 30 ranks.
  @Test func smallOnesExhaustively() throws {
    for blocks in 1...24 {
      for missing in [0, 1, Self.block - 1] {
        for blocksABucket in 1...9 {
          for ranks in 1...30 {
            try Self.check(
              count: blocks * Self.block - missing, bucketSize: blocksABucket * Self.block, ranks: ranks)
          }
        }
      }
    }
  }

  /// Networks of 0.7 to 110 million parameters in the buckets that are usual, on up to 4,096 ranks.
  @Test(
    arguments: [669_712, 1 << 24, 25_558_032, 110_000_000], [1, 2, 3, 7, 48, 64, 255, 256, 257, 1000, 4096])
  func largeOnes(count: Int, ranks: Int) throws {
    for bucketSize in [GradientReducer.defaultBucketSize, 1 << 16, 3 << 19] {
      try Self.check(count: count, bucketSize: bucketSize, ranks: ranks)
    }
  }

  /// That each float has one owner, no block two, and that ranks own as many blocks as each other or one more: of every
  /// bucket, and of the buffer.
  private static func check(count: Int, bucketSize: Int, ranks: Int) throws {
    // Millions of slices: a requirement each would take minutes.
    func demand(_ isTrue: Bool, _ found: @autoclosure () -> String) throws {
      if isTrue { return }
      try #require(Bool(false), "\(count) floats in buckets of \(bucketSize) on \(ranks) ranks: \(found())")
    }
    let ownership = Ownership(count: count, bucketSize: bucketSize, ranks: ranks)
    var (blocks, floats) = (Array(repeating: 0, count: ranks), Array(repeating: 0, count: ranks))
    var (end, largest) = (0, 0)
    for (number, bucket) in ownership.buckets.enumerated() {
      let slices = ownership.slices(of: number)
      try demand(slices.count == ranks && bucket.lowerBound == end, "\(slices.count) slices of \(bucket)")
      var (least, most) = (Int.max, 0)
      for (rank, slice) in slices.enumerated() {
        let isCut = slice.lowerBound % block != 0 || slice.upperBound % block != 0 && slice.upperBound != count
        try demand(slice.lowerBound == end && (slice.isEmpty || !isCut), "\(slice) of rank \(rank) in \(bucket)")
        let whole = (slice.count + block - 1) / block
        (least, most, largest) = (min(least, whole), max(most, whole), max(largest, slice.count))
        blocks[rank] += whole
        floats[rank] += slice.count
        end = slice.upperBound
      }
      try demand(end == bucket.upperBound && most - least <= 1, "\(least) to \(most) blocks of \(bucket)")
    }
    try demand(end == count && ownership.largestSlice == largest, "\(end) floats, slices of up to \(largest)")
    let (all, most) = ((count + block - 1) / block, blocks.max()!)
    try demand(blocks.min()! == all / ranks && most == (all + ranks - 1) / ranks, "\(blocks)")
    // More than ten blocks a rank, and not ten, as the last block may be a short one.
    guard all > 10 * ranks else { return }
    try demand(Double(floats.max()!) <= 1.1 * Double(count) / Double(ranks), "up to \(floats.max()!) floats a rank")
  }

  /// One bucket after the other to the same ranks, as slices that begin anew with rank 0 in each, would give 256 of 4,096
  /// ranks everything.
  @Test func ownersRotate() {
    let ownership = Ownership(count: 1 << 24, bucketSize: 1 << 18, ranks: 4096)
    let owners = ownership.buckets.indices.map { number in
      ownership.slices(of: number).indices.filter { !ownership.slices(of: number)[$0].isEmpty }
    }
    for (number, ranks) in owners.enumerated() {
      #expect(ranks == Array(number % 16 * 256..<(number % 16 + 1) * 256))
    }
  }

  /// The picture at `Ownership`.
  @Test func blocksAreDealtInTurn() {
    let ownership = Ownership(count: 12 * Self.block + 7, bucketSize: 5 * Self.block - 3, ranks: 4)
    #expect(ownership.buckets.map(\.count) == [5 * Self.block, 5 * Self.block, 2 * Self.block + 7])
    let owners = ownership.buckets.indices.map { number in
      ownership.slices(of: number).enumerated().flatMap { rank, slice in
        Array(repeating: rank, count: (slice.count + Self.block - 1) / Self.block)
      }
    }
    #expect(owners == [[0, 0, 1, 2, 3], [0, 1, 1, 2, 3], [0, 2, 3]])
    #expect(ownership.owned(by: 3) == [4 * 1024..<5 * 1024, 9 * 1024..<10 * 1024, 12 * 1024..<12 * 1024 + 7])
  }

  @Test func rangesOfFloatsInBytes() {
    #expect((3..<7).inBytes == 12..<28)
  }
}
