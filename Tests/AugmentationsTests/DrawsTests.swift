import Datasets
import Tensors
import Testing

@testable import Augmentations

/// What is drawn depends on seed, epoch, sample and operation alone, and is distributed as it says.
@Suite struct DrawsTests {
  private func draws(seed: UInt64 = 1, operation: Int = 0, epoch: Int = 0, sample: Int = 0) -> Draws {
    Draws(Draws.Keys(seed: seed, operation: operation), epoch: epoch, sample: sample)
  }

  private static let many = 20_000

  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  @Test func eachOfSeedOperationEpochAndSampleHasItsOwn() {
    func first(_ draws: Draws) -> [UInt32] {
      var draws = draws
      return (0..<6).map { _ in draws.word() }
    }
    let all = [
      first(draws()), first(draws(seed: 2)), first(draws(operation: 1)), first(draws(epoch: 1)),
      first(draws(sample: 1)), first(draws(epoch: 1, sample: 1)),
    ]
    #expect(Set(all).count == all.count)
    #expect(first(draws()) == all[0], "and the same again")
  }

  /// Five deviations of the mean of many: one failure in a million draws of the seed, which is fixed.
  @Test func numbersAreEven() {
    var draws = draws(seed: 5)
    let units = (0..<Self.many).map { _ in draws.number(in: -2...4) }
    let (mean, variance) = moments(units)
    #expect(abs(mean - 1) < 5 * 1.73 / Double(Self.many).squareRoot() && abs(variance - 3) < 0.15)
    #expect(units.allSatisfy { (-2...4).contains($0) })
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<Self.many { counts[draws.whole(in: -3...3) + 3] += 1 }
    for count in counts { #expect(abs(count - Self.many / 7) < 5 * 50) }
    let happened = (0..<Self.many).count { _ in draws.happens(0.2) }
    #expect(abs(happened - Self.many / 5) < 5 * 57)
    #expect((0..<100).allSatisfy { _ in draws.happens(1) && !draws.happens(0) })
  }

  /// Beta (a, a): mean ½, variance 1 / (4 (2 a + 1)).
  @Test(arguments: [0.05, 0.2, 0.7, 1, 3, 40])
  func betaNumbers(alpha: Double) {
    let values = (0..<Self.many).map { sample in
      var draws = draws(seed: 9, sample: sample)
      return draws.beta(alpha)
    }
    let (mean, variance) = moments(values)
    let expected = 1 / (4 * (2 * alpha + 1))
    #expect(values.allSatisfy { (0...1).contains($0) })
    #expect(abs(mean - 0.5) < 5 * (expected / Double(Self.many)).squareRoot(), "\(alpha): mean \(mean)")
    #expect(abs(variance / expected - 1) < 0.05, "\(alpha): variance \(variance), expected \(expected)")
  }

  @Test func normalNumbersAndManyAtATime() {
    let buffer = FlatBuffer(count: Self.many)
    draws(seed: 3).fillNormal(buffer.view)
    let (mean, variance) = moments(buffer.view.array.map { Double($0) })
    #expect(abs(mean) < 5 / Double(Self.many).squareRoot() && abs(variance - 1) < 0.05)
    draws(seed: 3).fillUniform(buffer.view)
    #expect(abs(moments(buffer.view.array.map { Double($0) }).mean - 0.5) < 0.011)
    #expect(buffer.view.array.allSatisfy { $0 >= 0 && $0 <= 1 })
  }

  /// How often and how far pictures are changed, as the settings say.
  @Test func settingsAreDistributions() throws {
    let data = pictures([8, 8, 1], count: 2)
    let list = try augmenter("[{random-crop: 2}, {flip: {probability: 0.3}}, {rotate: 20}]", data)
    var (flips, moves, angles) = (0, Set<[Double]>(), [Double]())
    for epoch in 0..<2000 {
      let records = [DrawRecord(), DrawRecord()]
      _ = list.made([0, 1], of: data, epoch: epoch, records: records)
      for record in records {
        moves.insert(record.entries[0].values.map { $0.value! })
        flips += record.entries[1].values.count
        angles.append(record.entries[2].values[0].value!)
      }
    }
    #expect(moves.count == 25, "all places of five by five")
    #expect(abs(flips - 1200) < 5 * 29)
    #expect(angles.allSatisfy { abs($0) <= 20 } && abs(moments(angles).mean) < 1 && angles.contains { abs($0) > 19 })
  }
}
