import Configuration
import Datasets
import Diagnostics
import Tensors
import TestSupport
import Testing
import Transforms

@testable import Lockstep

/// Transforms one after the other, in training, in checkpoints, in evaluation and in prediction.
@Suite struct TransformTests {
  /// Multiplies features by the reciprocal of the largest of them in the training data.
  private struct Scale: Transform, FittedTransform {
    static let kind = "scale"
    var factor: Float = 1

    init() {}
    init(_ settings: ConfigReader) {}
    func fitted(on training: Dataset) -> any FittedTransform {
      var own = self
      let values = training.gathered()
      guard case .floats(let numbers) = values.features else { return own }
      own.factor = 1 / (numbers.max() ?? 1)
      return own
    }
    func restored(from arrays: [FittedArray], shape: Shape) throws -> any FittedTransform {
      var own = self
      own.factor = arrays[0].values[0]
      return own
    }
    var arrays: [FittedArray] { [FittedArray("factor", [factor])] }
    func apply(to features: FloatView, samples: Int) { for i in 0..<features.count { features[i] *= factor } }
    var description: String { "scale" }
  }

  private let data = Dataset(
    source: "table", shape: [2], features: .floats([1, 10, 3, 20, 5, 60]), targets: .values([1, 2, 3], width: 1))

  @Test func eachIsFittedOnWhatThoseBeforeItMake() throws {
    let pipeline = Pipeline([Scale(), Standardise(per: .feature), Scale()])
    #expect(pipeline.fileNames == ["scale.safetensors", "standardisation.safetensors", "scale-2.safetensors"])
    #expect(!pipeline.readsWideColumns && Pipeline([Standardise(per: .channel)]).readsWideColumns)
    let fitted = try pipeline.fitted(on: data)
    #expect((fitted[0] as? Scale)?.factor == 1 / Float(60))
    let standardised = try #require(fitted[1] as? Standardisation)
    #expect(abs(standardised.means[0] - 3 / 60) < 1e-7 && abs(standardised.means[1] - 0.5) < 1e-7)
    let whole = try data.transformed(by: fitted).gathered()
    guard case .floats(let numbers) = whole.features else { throw Failure(.internal, "expected floats") }
    // By hand, in the same order: 1e-6, a few roundings of numbers of order one.
    let scaled = [1, 10, 3, 20, 5, 60].map { Float($0) / 60 }
    let (first, second) = (deviation(scaled, 0), deviation(scaled, 1))
    let plain = scaled.enumerated().map { ($1 - standardised.means[$0 % 2]) / ($0 % 2 == 0 ? first : second) }
    let largest = plain.max()!
    for (found, expected) in zip(numbers, plain) { #expect(abs(found - expected / largest) < 1e-6) }
    // Stored and restored they do the same, bit for bit.
    let restored = try zip(pipeline.transforms, fitted).map { try $0.restored(from: $1.arrays, shape: [2]) }
    guard case .floats(let again) = try data.transformed(by: restored).gathered().features else {
      throw Failure(.internal, "expected floats")
    }
    #expect(again == numbers)
  }

  private func deviation(_ values: [Float], _ column: Int) -> Float {
    let own = stride(from: column, to: values.count, by: 2).map { Double(values[$0]) }
    let mean = own.reduce(0, +) / Double(own.count)
    return Float((own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)).squareRoot())
  }

  /// The word of one in a configuration, before `standardise`.
  @Test func aListInTheConfiguration() throws {
    let run = try configuration(
      "data: two-class\nmodel: [{dense: 2}]\nstandardise: none\ntransforms: [{standardisation: channel}]\n")
    #expect(run.transforms.transforms.map { ($0 as? Standardise)?.granularity } == [.channel])
    #expect(run.resolved.contains("\nstandardise: none\ntransforms:\n  - standardisation:\n      per: channel\n"))
    let twice = failure {
      _ = try configuration("data: two-class\nmodel: [{dense: 2}]\ntransforms: [{standardisation: channel}]\n")
    }
    #expect(twice?.description.contains("expected standardisation once, found it in the list and as") == true)
    let wrong = failure {
      _ = try configuration("data: two-class\nmodel: [{dense: 2}]\ntransforms: [standardization]\n")
    }
    #expect(wrong?.description.contains("did you mean standardisation?") == true, "\(wrong as Any)")
  }

  /// Trained on any number of ranks, evaluated from the checkpoint, resumed: the same bits.
  @Test func twoInARun() throws {
    let folder = try Folder()
    let settings = [
      "standardise=none", "transforms=[{standardisation: channel}, standardisation]", "epochs=2",
      "data.two-class.train=256",
    ]
    let digest = try train("two-class", settings, in: folder["one"])
    #expect(try train("two-class", settings, in: folder["three"], ranks: 3) == digest)
    let model = try Model(folder["one"])
    #expect(model.transforms.count == 2)
    #expect(try model.evaluate(model.testData()).loss == model.record.metrics["test loss"])
    _ = try LocalWorld.run(ranks: 2) { world in
      try TrainingRun(
        recipe: "two-class", overrides: settings + ["stop-after=1"], output: folder["two"], verbosity: .silent,
        world: world, environment: [:]
      ).train()
    }
    #expect(try train("two-class", settings, in: folder["two"], start: .resume) == digest)
  }
}
