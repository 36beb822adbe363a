import Testing

@testable import Tensors

@Suite struct EpochPermutationTests {
  private func order(_ count: Int, seed: UInt64 = 1, epoch: Int = 0) -> [Int] {
    let permutation = EpochPermutation(count: count, seed: seed, epoch: epoch)
    return (0..<count).map { permutation[$0] }
  }

  @Test func visitsEverySampleOnceForEveryCount() throws {
    for count in 1...300 { try #require(order(count).sorted() == Array(0..<count), "count \(count)") }
  }

  /// Around powers of two and four the number of bits changes; 60,000 is Fashion-MNIST's.
  @Test(arguments: [1023, 1024, 1025, 4095, 4096, 4097, 60_000, 65_536, 65_537])
  func visitsEverySampleOnceForLargeCounts(count: Int) {
    var isSeen = [Bool](repeating: false, count: count)
    for sample in order(count, seed: 9, epoch: 3) { isSeen[sample] = true }
    #expect(!isSeen.contains(false))
  }

  /// No table: the largest count works, and so does any position in it.
  @Test func evaluatesAnyPositionOfHugeCounts() {
    for count in [1 << 32, 1 << 40 + 1, 1 << 62] {
      let permutation = EpochPermutation(count: count, seed: 1, epoch: 0)
      let samples = [0, 1, count / 2, count - 1].map { permutation[$0] }
      #expect(Set(samples).count == 4)
      #expect(samples.allSatisfy { (0..<count).contains($0) })
    }
  }

  /// The definition, one position at a time.
  private struct Reference {
    let count: Int
    let epoch: UInt32
    let random: Philox

    init(count: Int, seed: UInt64, epoch: Int) {
      (self.count, self.epoch, random) = (count, UInt32(epoch), Philox(seed: seed, purpose: .order))
    }

    subscript(position: Int) -> Int {
      var half: UInt64 = 1
      while half < 32, UInt64(count - 1) >> (2 * half) > 0 { half += 1 }
      let mask = UInt64(1) << half - 1
      var value = UInt64(position)
      repeat {
        var (left, right) = (value >> half & mask, value & mask)
        for round in 0..<6 {
          let word = UInt64(random.block(SIMD4(UInt32(right), UInt32(round), epoch, 0)).x)
          (left, right) = (right, left ^ word & mask)
        }
        value = left << half | right
      } while value >= UInt64(count)
      return Int(value)
    }
  }

  /// Many at a time: every number of them around the width of the loop, at every place, for every width of a half.
  @Test func fillsAsOneByOne() {
    func expectSame(_ count: Int, _ first: Int, _ number: Int, epoch: Int = 3) {
      let permutation = EpochPermutation(count: count, seed: 9, epoch: epoch)
      let reference = Reference(count: count, seed: 9, epoch: epoch)
      let samples = UnsafeMutableBufferPointer<Int>.allocate(capacity: number)
      defer { samples.deallocate() }
      samples.initialize(repeating: -1)
      permutation.fill(samples, from: first)
      #expect(
        samples.elementsEqual((first..<first + number).map { reference[$0] }), "\(number) of \(count) at \(first)")
      if number > 0 { #expect(permutation[first] == samples[0]) }
    }
    for count in 1...40 { for first in 0..<count { expectSame(count, first, count - first) } }
    for number in 0...50 { expectSame(60_000, 59_950 - number, number) }
    for bits in 1...62 {
      for count in [1 << bits, (1 << bits) - 1] { expectSame(count, max(0, count - 33), min(33, count), epoch: bits) }
    }
  }

  @Test func epochsAndSeedsHaveOrdersOfTheirOwn() {
    let orders = [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (1 << 32, 0)].map { order(500, seed: $0, epoch: $1) }
    #expect(Set(orders).count == 6)
    // Nor do they resemble each other: two random orders of 500 agree in one place on average, in ten or more with
    // probability 1e-7.
    for (a, b) in zip(orders, orders.dropFirst()) { #expect(zip(a, b).count { $0 == $1 } < 10) }
    #expect(zip(orders[0], 0...).count { $0 == $1 } < 10, "the identity")
  }

  /// Each sample comes first, and next after its neighbour, about equally often.
  @Test func everySampleMayComeFirst() {
    let counts = (0..<8000).reduce(into: [Int](repeating: 0, count: 10)) { counts, epoch in
      counts[EpochPermutation(count: 10, seed: 77, epoch: epoch)[0]] += 1
    }
    // Chi-square with 9 degrees of freedom: above 33.7 with probability 1e-4. One fixed seed: it cannot flake.
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 800) * (Double($1) - 800) / 800 }
    #expect(chiSquare < 33.7, "\(counts)")
  }

  /// A change here changes the result of every run.
  @Test func theOrderIsFixed() {
    #expect(order(12, seed: 5, epoch: 2) == Self.twelve)
    let digest = order(10_000, seed: 42, epoch: 7).map(UInt64.init).withUnsafeBytes { Digest(of: $0) }
    #expect(digest.hex == Self.tenThousand)
  }

  static let twelve = [11, 3, 7, 9, 5, 2, 10, 1, 0, 8, 6, 4]
  static let tenThousand = "678e35c17698111a201580511ca817021b927437f256efd13f7c099c8375c7e5"
}
