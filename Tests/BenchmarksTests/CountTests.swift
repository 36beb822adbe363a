import CAllocations
import Communication
import Foundation
import Lockstep
import TestSupport
import Testing

@testable import Benchmarks

/// What a step costs in counts: these stay the same on any machine, and any day.
@Suite(.serialized) struct CountTests {
  /// The perceptron's parameters, with the gaps between its slots.
  static let floats = 669_712

  /// Two for each multiplication, and backward counts as twice forward.
  @Test func workOfThePerceptron() throws {
    let plan = try PreparedData(RunConfiguration(ConfigurationSource("mlp", among: BenchmarkModel.sources))).plan
    #expect(6 * plan.multiplyAdds == 6 * (784 * 512 + 512 * 512 + 512 * 10))
    #expect(plan.layout.count == Self.floats)
  }

  /// Of a sample; `attention` is what no weight takes part in.
  @Test(arguments: [
    ("cnn", 26 * 26 * 32 * 9 + 24 * 24 * 64 * 9 * 32 + 9216 * 128 + 128 * 10, 0, 1),
    // Each of 64 tokens passes 12·128² weights of each block and the head; a query sees the keys up to its own.
    ("gpt", 64 * (4 * 12 * 128 * 128 + 128 * 65), 4 * 128 * 64 * 65, 64),
    ("gptm", 256 * (6 * 12 * 384 * 384 + 384 * 256), 6 * 384 * 256 * 257, 256),
    ("gpt2", 512 * (12 * 12 * 768 * 768 + 768 * 50257), 12 * 768 * 512 * 513, 512),
  ])
  func workOfTheOthers(model: String, products: Int, attention: Int, units: Int) throws {
    let source = try ConfigurationSource(model, among: BenchmarkModel.sources)
    let prepared = try PreparedData(RunConfiguration(source))
    let (data, plan) = (prepared.train, prepared.plan)
    #expect(plan.multiplyAdds == products + attention)
    #expect(data.classesPerSample == units)
  }

  /// Those of networks that others published: as many parameters as theirs, but that 1×1 convolutions of a squeeze and excitation are
  /// dense layers here, of as many. Statistics and gaps between slots aside.
  @Test(arguments: [("efficientnet-lite0", 4_652_008), ("mobilenetv3-small", 2_542_856)])
  func networksOfPicturesAreThoseThatWerePublished(model: String, count: Int) throws {
    let configuration = try RunConfiguration(ConfigurationSource(model, among: BenchmarkModel.sources))
    let plan = try PreparedData(configuration).plan
    let learned = plan.layout.slots.filter(\.role.isLearned).map(\.range.count)
    #expect(learned.reduce(0, +) == count)
    #expect(plan.outputShape == [1000])
  }

  /// Nothing of a layer is left out, and PyTorch is asked for the same.
  @Test func layersAreMeasured() throws {
    let benchmark = LayerBenchmark(cases: LayerCase.all, precision: .bfloat16, rounds: 1, seconds: 0.0001)
    let results = try benchmark.run { _ in }
    #expect(Set(results.map(\.layerCase.name)).count == results.count && results.count > 25)
    for result in results {
      #expect(result.forward.min > 0 && result.backward.min > 0 && result.pyTorch.contains("Layers("))
    }
    let text = table(of: results)
    #expect(text.split(separator: "\n").count == results.count + 1)
    #expect(text.contains("transposed-convolution"))
  }

  /// Every batch is a whole one, however many ranks there are.
  @Test func dataAreLongEnough() throws {
    #expect(try BenchmarkModel("mlp").lengthening(toBatchesOf: 320) == nil)
    #expect(try BenchmarkModel("mlp").lengthening(toBatchesOf: 384) == "data.noise.count=1536")
    #expect(try BenchmarkModel("cnn").lengthening(toBatchesOf: 256) == "data.noise.count=1024")
    #expect(try BenchmarkModel("gpt").lengthening(toBatchesOf: 192) == "data.noise-text.count=768")
    #expect(try BenchmarkModel("two-class").lengthening(toBatchesOf: 1 << 20) == nil)
  }

  @Test func allocationsAreCounted() {
    guard CAllocations_available() else {
      return notTested("counts of allocations", because: "there is no glibc, or a sanitizer has its own allocator")
    }
    let found = Allocations.count {
      for size in 1...10 { UnsafeMutableRawPointer.allocate(byteCount: size * 64, alignment: 64).deallocate() }
    }
    free(malloc(1))
    // Other threads of the tests' process may allocate as well.
    #expect(found.own >= 10)
    // OpenSSL asks for memory of its own.
    let digest = Allocations.count { [UInt8](repeating: 1, count: 64).withUnsafeBytes { _ = Digest(of: $0) } }
    #expect(digest.foreign >= 1)
  }

  static func measure(_ ranks: Int, reduction: ReductionMethod = .canonical, sharesMemory: Bool = true) throws
    -> RoundResult
  {
    let benchmarkCase = BenchmarkCase(
      model: "mlp", ranks: ranks, lanes: 1, reduction: reduction, batch: 128 * ranks, microBatch: 64)
    return try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) {
      try RankBenchmark(benchmarkCase, seconds: 0.01).measure($0, environment: [:])
    }[0]
  }

  /// Two ranks tell each other a wish, a pace, a level, and the losses and weights of two leaves, 56 bytes each way, and meet
  /// twice; nodes and parameters lie where the other sees them.
  @Test func trafficThroughSharedMemory() throws {
    let found = try Self.measure(2)
    #expect((found.messagesPerStep, found.bytesPerStep, found.barriersPerStep) == (2, 112, 2))
    // Each reads its half of the other's node, and the other's half of the parameters.
    #expect(found.sharedBytesPerStep == Double(2 * Self.floats * 4))
  }

  /// The same by messages: half a node each way, and half of the parameters back, in three buckets.
  @Test func trafficByMessages() throws {
    let found = try Self.measure(2, sharesMemory: false)
    #expect(found.messagesPerStep == 14 && found.barriersPerStep == 0 && found.sharedBytesPerStep == 0)
    #expect(found.bytesPerStep == Double(112 + 2 * Self.floats * 4))
  }

  @Test func trafficOfTheNativeReduction() throws {
    let found = try Self.measure(2, reduction: .native)
    #expect(found.messagesPerStep == 14)
    #expect(found.bytesPerStep == Double(112 + 2 * Self.floats * 4))
  }

  @Test func aSingleRankTalksToNobody() throws {
    let found = try Self.measure(1)
    #expect((found.messagesPerStep, found.bytesPerStep, found.sharedBytesPerStep) == (0, 0, 0))
    #expect(found.flopShare > 0 && found.samplesPerSecond > 0 && found.peakMemoryBytes > 1 << 20)
    let flopsPerSample = found.flopShare * found.peakFlopsPerSecond / found.samplesPerSecond
    #expect(abs(flopsPerSample - 4_012_032) < 1)
  }
}
