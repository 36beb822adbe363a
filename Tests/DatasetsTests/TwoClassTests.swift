import Datasets
import Testing

@Suite struct TwoClassTests {
  @Test func halvesAndSeedsDiffer() {
    let train = Dataset.twoClass(count: 64, seed: 1, part: .train)
    #expect(train.gathered([0, 1, 63]) == Dataset.twoClass(count: 100, seed: 1, part: .train).gathered([0, 1, 63]))
    #expect(train.gathered([0]) != Dataset.twoClass(count: 64, seed: 1, part: .test).gathered([0]))
    #expect(train.gathered([0]) != Dataset.twoClass(count: 64, seed: 2, part: .train).gathered([0]))
  }

  @Test func formOfTheData() {
    let data = Dataset.twoClass(count: 3, seed: 0, part: .test)
    #expect((data.count, data.shape, data.featureNames ?? []) == (3, [2], ["x", "y"]))
    #expect(data.targets == .classes([0, 1, 0], names: ["negative", "positive"]))
  }

  /// The line x + y = 0 separates Φ(√2 / 0.75) = 97.03 % of the samples; 1 % is four deviations of 4096 draws.
  @Test func aLineSeparatesThem() {
    let count = 4096
    let values = Dataset.twoClass(count: count, seed: 7, part: .train).gathered(Array(0..<count))
    let right = (0..<count).count { (values[2 * $0] + values[2 * $0 + 1] > 0) == ($0 % 2 == 1) }
    #expect(abs(Double(right) / Double(count) - 0.9703) < 0.01)
  }
}
