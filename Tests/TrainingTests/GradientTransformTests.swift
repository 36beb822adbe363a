import Communication
import Configuration
import Datasets
import Layers
import Optimizers
import Reduction
import Tensors
import Testing

@testable import Training

/// What happens between the sum and the update is the same on any number of ranks.
@Suite struct GradientTransformTests {
  typealias Transforms = [any GradientTransform]

  /// The parameters' digest and the norms that the steps tell.
  static func train(
    _ transforms: Transforms, ranks: Int = 1, lanes: Int = 1, bucket: Int = 1 << 20, sharesMemory: Bool = true
  ) throws -> [String] {
    try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      let trainer = try Trainer(
        plan: try LockstepTests.wide.plan(microBatch: 8), dataset: LockstepTests.data,
        options: .init(
          batch: 56, seed: 3, loss: .crossEntropy, optimizer: .adam(), schedule: Schedule(rate: 0.01, steps: 8),
          gradientTransforms: transforms, bucketSize: bucket, lanes: lanes),
        world: world)
      let norms = try (0..<8).map { _ in try trainer.runStep().gradientNorm }
      let gaps = trainer.parameters.array.indices.filter { trainer.plan.layout.slot(at: $0) == nil }
      #expect(gaps.allSatisfy { trainer.parameters[$0] == 0 }, "what lies between slots stays zero")
      return Digest(of: trainer.parameters, layout: trainer.plan.layout).hex + " \(norms)"
    }
  }

  /// Local ones before and behind those that see the whole gradient first, and two of the latter in a row.
  static let chains: [Transforms] = [
    [Noise(deviation: 0.01)], [MeanSign()], [Noise(deviation: 0.01), ClipByGlobalNorm(limit: 0.05)],
    [ClipByGlobalNorm(limit: 0.05), Noise(deviation: 0.01)],
    [Noise(deviation: 0.01), MeanSign(), ClipByGlobalNorm(limit: 0.05), Noise(deviation: 0.01)],
  ]

  @Test(arguments: 1...9)
  func chainsKeepTheBits(ranks: Int) throws {
    for (number, chain) in Self.chains.enumerated() {
      let expected = try Self.train(chain)[0]
      for (lanes, bucket, sharesMemory) in [(1, 1 << 20, true), (2, 1, false), (3, 2048, true), (1, 2048, false)] {
        let found = try Self.train(chain, ranks: ranks, lanes: lanes, bucket: bucket, sharesMemory: sharesMemory)
        #expect(
          Set(found) == [expected],
          "chain \(number), \(lanes) lanes, buckets of \(bucket), shared memory: \(sharesMemory)")
      }
    }
  }

  /// Every transform counts, and so does the order.
  @Test func chainsDiffer() throws {
    let digests = try (Self.chains + [[]]).map { try Self.train($0)[0].prefix(64) }
    #expect(Set(digests).count == digests.count)
  }

  /// What a configuration names, with its settings; a stranger's kind once it is added. In a process of its own, since the
  /// registry is the whole process's.
  @Test func aConfigurationNamesThem() async {
    await #expect(processExitsWith: .success) {
      #expect(gradientTransformKinds.names == ["clip-by-global-norm"])
      gradientTransformKinds.add(Noise.self)
      let reader = try ConfigReader(yaml: "x: [{noise: 0.5}, {clip-by-global-norm: {limit: 2}}]", file: "run.yaml")
      let read = try reader.choices("x", gradientTransformKinds.cases { try $0.init($1) })
      try reader.finish()
      #expect((read[0] as? Noise)?.deviation == 0.5 && (read[1] as? ClipByGlobalNorm)?.limit == 2)
    }
  }

  /// A norm is that of the gradient as it comes to the one that takes it: of signs times s, over n numbers, s·√n.
  @Test func theNormIsOfWhatComes() throws {
    let layout = try LockstepTests.wide.plan(microBatch: 8).layout
    let clipped = try Self.train([Scale(0.5), ClipByGlobalNorm(limit: 1e-4), ClipByGlobalNorm(limit: 1)])[0]
    let bare = try Self.train([ClipByGlobalNorm(limit: 1e-4)])[0]
    func first(_ text: String) -> Double { Double(text.split(separator: "(")[1].split(separator: ")")[0])! }
    // The first step has the same parameters; 0.5 is exact in floats and doubles.
    #expect(first(clipped) == 0.5 * first(bare))
    let signs = try Self.train([MeanSign(size: 0.25), ClipByGlobalNorm(limit: 1e9)])[0]
    // Each square is that of a quarter, to a rounding of the sum times 1 / weight: half a unit in the last place of a float.
    let count = Double(layout.parameterCount)
    #expect(abs(first(signs) / (0.25 * count.squareRoot()) - 1) < 1e-6)
  }
}

/// Multiplies the gradient by a number that is known at once.
private struct Scale: GradientTransform {
  static let kind = "scale"
  let number: Double
  init(_ number: Double) { self.number = number }
  init(_ settings: ConfigReader) throws { number = try settings.double("number", in: .above(0)) }
  func bound(to binding: GradientBinding) -> any BoundGradientTransform { Bound(number: number) }

  private final class Bound: BoundGradientTransform {
    let number: Double
    init(number: Double) { self.number = number }
    let seesWholeGradient = false
    func factor(in step: GradientStep) -> Double { number }
  }
}

/// Adds even noise around zero: by the seed, the step and the place, as every random number.
private struct Noise: GradientTransform {
  static let kind = "noise"
  let deviation: Double
  init(deviation: Double) { self.deviation = deviation }
  init(_ settings: ConfigReader) throws { deviation = try settings.double("deviation", in: 0...1) }
  func bound(to binding: GradientBinding) -> any BoundGradientTransform {
    Bound(deviation: deviation, random: Philox(seed: binding.seed, purpose: .gradient))
  }

  private final class Bound: BoundGradientTransform {
    let deviation: Double, random: Philox
    init(deviation: Double, random: Philox) { (self.deviation, self.random) = (deviation, random) }
    let seesWholeGradient = false

    func rewrite(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {
      for place in range {
        let word = random.block(stream: UInt64(step.number), index: UInt64(place)).x
        sum[place - range.lowerBound] += Float((word.unitInterval - 0.5) * 12.squareRoot() * deviation) / step.scale
      }
    }
  }
}

/// Keeps each number's sign, and gives all the same size: the mean one, or what it is told.
private struct MeanSign: GradientTransform {
  static let kind = "mean-sign"
  var size: Float?
  init(size: Float? = nil) { self.size = size }
  init(_ settings: ConfigReader) throws { size = try settings.optionalDouble("size", in: .above(0)).map(Float.init) }
  func bound(to binding: GradientBinding) -> any BoundGradientTransform { Bound(size, binding) }

  private final class Bound: BoundGradientTransform, @unchecked Sendable {
    let given: Float?, sums: PieceSums, count: Double
    var size: Float = 0
    init(_ given: Float?, _ binding: GradientBinding) {
      self.given = given
      sums = PieceSums(groups: [binding.layout.learnedRange], columns: 1, reducer: binding.reducer)
      count = Double(binding.layout.parameterCount)
    }
    let seesWholeGradient = true

    func note(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {
      sums.forEachPiece(in: range) { piece, floats in
        sums[piece, 0] = floats.reduce(0) { $0 + Double(abs(sum[$1 - range.lowerBound])) }
      }
    }

    func factor(in step: GradientStep) throws -> Double {
      try sums.gather()
      size = given.map { $0 / step.scale } ?? Float(sums.sum(group: 0, column: 0) / count)
      return 1
    }

    func rewrite(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {
      for place in 0..<sum.count { sum[place] = sum[place] < 0 ? -size : size }
    }
  }
}
