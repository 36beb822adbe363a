import Kernels
import Tensors
import Testing

@Suite struct DropoutTests {
  static let random = Philox(seed: 5, purpose: .dropout)

  private func dropout(
    _ x: [Float], rate: Double, layer: Int = 0, position: Int = 0, step: Int = 0, random: Philox = random
  ) -> [Float] {
    apply(
      {
        Kernels.dropout($0, rate: rate, random: random, layer: layer, position: position, step: step, into: $1)
      }, x)
  }

  /// Element by element from Philox's own blocks: lengths around the group of 64 that the kernel works on at a time.
  @Test(arguments: [1, 3, 4, 5, 63, 64, 65, 200], [0.1, 0.5, 0.9])
  func elementsAreKeptByTheirOwnWord(count: Int, rate: Double) {
    let x = uniform(count, 10)
    for (layer, position, step) in [(0, 0, 0), (3, 1, 2), (7, 70_000, 1 << 33 + 5), (1, 1 << 32 - 1, 9)] {
      let expected = x.indices.map { element in
        let block = Self.random.block(
          SIMD4(
            UInt32(element / 4), UInt32(layer), UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: step)))
        let isKept = Double(block[element % 4]) < (1 - rate) * 0x1p32
        return isKept ? x[element] * Float(1 / (1 - rate)) : 0
      }
      #expect(dropout(x, rate: rate, layer: layer, position: position, step: step) == expected)
    }
  }

  @Test func worksInPlace() {
    let x = uniform(150, 10)
    let target = floats(x)
    Kernels.dropout(target, rate: 0.3, random: Self.random, layer: 2, position: 1, step: 4, into: target)
    #expect(target.array == dropout(x, rate: 0.3, layer: 2, position: 1, step: 4))
  }

  /// Backward is the same call on the gradient: it must drop the same elements.
  @Test func theMaskDoesNotDependOnTheValues() {
    let forward = dropout(uniform(1000, 1, stream: 1), rate: 0.5, step: 3)
    let backward = dropout(uniform(1000, 1, stream: 2), rate: 0.5, step: 3)
    #expect(forward.map { $0 == 0 } == backward.map { $0 == 0 })
  }

  /// Four standard deviations of a binomial share; the arguments are fixed, so that it cannot flake.
  @Test(arguments: [0.05, 0.25, 0.5, 0.8])
  func theKeptShareIsOneMinusTheRate(rate: Double) {
    let count = 100_000
    let kept = dropout([Float](repeating: 1, count: count), rate: rate, layer: 1).count { $0 != 0 }
    let deviation = (Double(count) * rate * (1 - rate)).squareRoot()
    #expect(abs(Double(kept) - Double(count) * (1 - rate)) < 4 * deviation)
  }

  @Test func layersPositionsStepsAndSeedsHaveMasksOfTheirOwn() {
    let x = [Float](repeating: 1, count: 256)
    let masks = [
      dropout(x, rate: 0.5), dropout(x, rate: 0.5, layer: 1), dropout(x, rate: 0.5, position: 1),
      dropout(x, rate: 0.5, step: 1), dropout(x, rate: 0.5, random: Philox(seed: 6, purpose: .dropout)),
    ]
    #expect(Set(masks).count == masks.count)
  }

  @Test func rateZeroKeepsEverything() {
    let x = uniform(100, 5)
    #expect(dropout(x, rate: 0) == x)
  }
}
