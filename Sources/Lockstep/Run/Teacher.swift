import Augmentations
import Checkpoints
import Communication
import Configuration
import Datasets
import Diagnostics
import Layers
import Losses
import Tensors
import Training

/// Whom a run learns from beside its targets: `teacher` in a configuration.
///
/// ```yaml
/// teacher: {checkpoint: runs/large, temperature: 4, share: 0.7}
/// ```
public struct TeacherSettings: Sendable {
  /// A checkpoint, or a run directory for its newest one.
  package let checkpoint: String
  package let distillation: Distillation
  /// Places of the student's layers, and of the teacher's that they are compared with.
  package let features: [Feature]
  /// What the distance of a feature counts beside the loss.
  package let featureWeight: Double

  /// Two layers whose outputs have one shape.
  public struct Feature: Equatable, Sendable {
    public let student: String
    public let teacher: String

    public init(student: String, teacher: String) { (self.student, self.teacher) = (student, teacher) }
  }

  /// - Parameters:
  ///   - checkpoint: a checkpoint's directory, or that of a run for its newest one.
  ///   - features: places of layers, whose outputs are compared in training as well.
  ///   - featureWeight: what the squared distance of each, the mean over its numbers, counts beside the loss.
  public init(
    checkpoint: String, _ distillation: Distillation = Distillation(), features: [Feature] = [],
    featureWeight: Double = 1
  ) {
    (self.checkpoint, self.distillation) = (checkpoint, distillation)
    (self.features, self.featureWeight) = (features, featureWeight)
  }

  init(_ settings: ConfigReader) throws {
    checkpoint = try settings.filePath("checkpoint")
    distillation = Distillation(
      temperature: Float(try settings.double("temperature", default: 2, in: 0.01...1000)),
      share: Float(try settings.double("share", default: 0.5, in: 0...1)))
    features = try settings.named("features", by: "layers") { try $0.string() }.map {
      Feature(student: $0.name, teacher: $0.value)
    }
    featureWeight = try settings.double("feature-weight", default: 1, in: 0...1e6)
  }
}

/// A trained model, whose outputs on the training samples a run learns from.
struct Teacher {
  let lesson: Lesson
  /// The digest of its weights.
  let weights: String
  /// What is told at the beginning.
  let lines: [String]

  /// Loads it, and computes its outputs of all training samples, as they are without being augmented, whose work the ranks share; all
  /// ranks call it. Every rank keeps them.
  ///
  /// Throws a bad configuration (78) where it does not say what the run is to learn.
  ///
  /// - Parameters:
  ///   - samples: training samples, however they are transformed.
  ///   - test: what it is measured on, to be told; nil: nothing.
  init(
    _ settings: TeacherSettings, of samples: Dataset, for plan: Plan, loss: any Loss, augmenter: Augmenter?,
    test: Dataset? = nil, in world: any Communicator
  ) throws {
    // Another state of a teacher teaches something else.
    var damaged: [String] = []
    let model = try Model(settings.checkpoint, world: world, decision: .passedOver) { damaged.append($0) }
    try world.agree { try model.requireTeaches(plan, samples, loss: loss, mixes: augmenter?.mixes == true) }
    if !settings.features.isEmpty, loss.classWeights != nil {
      throw Failure(
        .badConfiguration, at: "teacher.features", "expected a loss without class-weights, found one with some",
        cure: "leave class-weights out, or features")
    }
    let train = try samples.transformed(by: model.transforms)
    let width = model.outputShape.count
    let outputs = FlatBuffer(count: train.count * width)
    var next = 0
    let evaluator = model.evaluator(world)
    try evaluator.forEachBlock(everywhere: train) { block in
      outputs.view[next..<next + block.count].assign(block)
      next += block.count
    }
    lesson = Lesson(
      settings.distillation, outputs: outputs, width: width,
      features: try model.features(settings.features, of: train, for: plan, in: world),
      featureWeight: Float(settings.featureWeight))
    weights = model.record.digest
    let (share, temperature) = (settings.distillation.share, settings.distillation.temperature)
    let measured = try test.map { try model.evaluate($0) }
    let figures = measured.map {
      " \($0.data) \($0.headline.name) \(fixed($0.headline.value, 4)), loss \(fixed($0.loss, 4));"
    }
    lines =
      damaged + [
        "taught by \(model.path.shown()), \(grouped(model.plan.layout.parameterCount)) parameters for "
          + "\(grouped(plan.layout.parameterCount)):\(figures ?? "") share \(share), temperature \(temperature)"
          + (settings.features.isEmpty ? "" : ", \(count(settings.features.count, "feature"))")
      ]
  }

  /// Throws a bad configuration (78) where a run was taught by another one until now. On ranks that have no checkpoint it does nothing.
  func requireSame(as checkpoint: Checkpoint?) throws {
    guard let checkpoint, checkpoint.record.teacher != weights else { return }
    throw Failure(
      .badConfiguration, at: checkpoint.path,
      "belongs to another run: expected the teacher \(checkpoint.record.teacher ?? "none"), found \(weights)",
      cure: "restore the setting, or start anew with another --output")
  }
}

extension Receipt {
  /// The link of the weights that a run was taught by.
  static let teacherLink = "teacher"
}

extension Model {
  /// Throws where it does not say of training samples what a run is to learn.
  fileprivate func requireTeaches(_ student: Plan, _ samples: Dataset, loss: any Loss, mixes: Bool) throws {
    func failure(_ expected: String, _ found: String, _ cure: String) -> Failure {
      Failure(
        .badConfiguration, at: "teacher.checkpoint (\(path.shown()))", "expected \(expected), found \(found)",
        cure: cure)
    }
    guard !samples.isText, student.outputShape.rank == 1, outputShape.rank == 1 else {
      throw failure(
        "a row of outputs a sample", "\(outputShape) of the teacher and \(student.outputShape) of the student",
        "leave teacher out")
    }
    guard loss.parts.isEmpty, configuration.loss.meaning == loss.meaning else {
      throw failure(
        "one target for both, classes with a score each, a yes or no, or numbers", "others",
        "use cross-entropy for both, binary-cross-entropy, or a loss of numbers")
    }
    guard outputShape == student.outputShape else {
      throw failure("\(student.outputShape.count) outputs", "\(outputShape.count)", "use a teacher of the same targets")
    }
    if let own = samples.classNames, let classes = record.classes, own != classes {
      throw failure(
        "the classes \(Inspection.list(own))", Inspection.list(classes), "use a teacher of the same targets")
    }
    guard samples.shape == plan.network.input else {
      throw failure("samples of \(samples.shape)", "\(plan.network.input)", "use a teacher of the same data")
    }
    guard !mixes else {
      throw failure(
        "samples that are not mixed, as a teacher says nothing of mixtures", "mixup or cutmix",
        "leave it out of augment")
    }
  }
}
