import Datasets
import Tensors
import Testing

/// The real files, of Debian's package `dataset-fashion-mnist`; these tests fail where it is not installed.
@Suite(.serialized) struct FashionMNISTTests {
  private static func load(_ part: String) throws -> Dataset {
    let folder = "/usr/share/datasets/fashion-mnist/"
    return try Dataset.idx(
      images: folder + "\(part)-images-idx3-ubyte.gz", labels: folder + "\(part)-labels-idx1-ubyte.gz")
  }

  @Test func trainingSet() throws {
    let clock = ContinuousClock()
    var data: Dataset?
    let loading = try clock.measure { data = try Self.load("train") }
    let train = try #require(data)
    #expect((train.count, train.shape) == (60000, [28, 28, 1]))
    guard case .classes(let classes, _) = train.targets else { return #expect(Bool(false), "no classes") }
    #expect((0..<10).allSatisfy { number in classes.count { $0 == Int32(number) } == 6000 })
    #expect(Array(classes.prefix(5)) == [9, 0, 0, 3, 0])

    var channel: Standardisation?
    let statistics = clock.measure { channel = Standardisation(from: train, per: .channel) }
    let standardisation = try #require(channel)
    #expect(abs(standardisation.means[0] - 72.9404) < 1e-4)
    #expect(abs(standardisation.deviations[0] - 90.0212) < 1e-4)

    // Times are printed, not judged: a shared machine would fail them at random.
    let perFeature = Standardisation(from: train, per: .feature)
    let (rounds, batch) = (200, 128)
    let buffer = FlatBuffer(count: batch * 784)
    let order = EpochPermutation(count: train.count, seed: 1, epoch: 0)
    let samples = (0..<rounds * batch).map { order[$0] }
    for (name, standardisation) in [("raw", nil), ("per channel", standardisation), ("per feature", perFeature)]
      as [(String, Standardisation?)]
    {
      let data = try train.transformed(by: standardisation.map { [$0] } ?? [])
      let gathering = clock.measure {
        samples.withUnsafeBufferPointer { samples in
          for round in 0..<rounds {
            data.gather(
              UnsafeBufferPointer(rebasing: samples[round * batch..<(round + 1) * batch]), into: buffer.view)
          }
        }
      }
      print("gather 128×784 \(name): \(gathering / rounds)")
    }
    print("load: \(loading), statistics: \(statistics)")
  }

  @Test func testSet() throws {
    let test = try Self.load("t10k")
    #expect((test.count, test.shape, test.classNames?.count) == (10000, [28, 28, 1], 10))
  }
}
