import Augmentations
import Checkpoints
import Communication
import Datasets
import Diagnostics
import Host
import Layers
import Losses
import Tensors
import Training

/// A trained model, whose outputs on the training samples a run learns from.
struct Teacher {
  let lesson: Lesson
  /// The digest of its weights.
  let weights: String
  /// What is told at the beginning.
  let lines: [String]
  /// It, and who stands beside the student without having learned of it, on the rows that the run measures itself on last; empty where
  /// there are none.
  let measured: [Distilled.Model]

  /// Loads it, and computes its outputs of all training samples, as they are without being augmented, whose work the ranks share, if
  /// there is memory to keep them; all ranks call it, and each keeps all of them.
  ///
  /// Throws a bad configuration (78) where it does not say what the run is to learn.
  ///
  /// - Parameters:
  ///   - samples: training samples, however they are transformed.
  ///   - test: what it is measured on, to be told, with its name; nil: nothing.
  ///   - epochs: how often the samples come; 1: nothing is worth being kept.
  ///   - lanes: of this rank.
  init(
    _ settings: TeacherSettings, of samples: Dataset, for plan: Plan, loss: any Loss, augmenter: Augmenter?,
    test: (name: String, data: Dataset)? = nil, epochs: Int = 1, lanes: Int = 1, in world: any Communicator
  ) throws {
    // Another state of a teacher teaches something else.
    var damaged: [String] = []
    let model = try Model(settings.checkpoint, world: world, decision: .passedOver) { damaged.append($0) }
    try world.agree { try model.requireTeaches(plan, samples, loss: loss, mixes: augmenter?.mixes == true) }
    if !settings.features.isEmpty { try Self.requireFeatures(beside: loss) }
    let train = try samples.transformed(by: model.transforms)
    let keeping = try Keeping(
      MemoryLayout<Float>.stride * train.count * model.outputShape.count, settings.memory, epochs: epochs, in: world)
    lesson = Lesson(
      settings.distillation,
      from: keeping.keeps
        ? .kept(try model.outputs(ofAll: train, in: world))
        : .asked(try model.asked(train, microBatch: plan.microBatch, lanes: lanes, in: world)),
      width: model.outputShape.count, features: try model.features(settings.features, of: train, for: plan, in: world),
      featureWeight: Float(settings.featureWeight))
    weights = model.record.digest
    let (share, temperature) = (settings.distillation.share, settings.distillation.temperature)
    let evaluation = try test.map { try model.evaluate($0.data) }
    var measured = evaluation.map { [Distilled.Model("teacher", of: model, $0)] } ?? []
    if let test, let beside = settings.beside {
      let other = try Model(beside, world: world, decision: .passedOver) { damaged.append($0) }
      try world.agree {
        try other.requireTeaches(plan, samples, loss: loss, mixes: false, key: "teacher.beside")
        try Self.requireUntaught(other, beside: model)
      }
      measured.append(Distilled.Model("without a teacher", of: other, try other.evaluate(test.data)))
    }
    self.measured = measured
    let figures = evaluation.map {
      " \(test?.name ?? "") \($0.headline.name) \(fixed($0.headline.value, 4)), loss \(fixed($0.loss, 4));"
    }
    lines =
      damaged + [
        "taught by \(model.path.shown()), \(grouped(model.plan.layout.parameterCount)) parameters for "
          + "\(grouped(plan.layout.parameterCount)):\(figures ?? "") share \(share), temperature \(temperature)"
          + (settings.features.isEmpty ? "" : ", \(count(settings.features.count, "feature"))") + "; \(keeping.text)"
      ]
  }

  /// Throws a bad configuration (78) where what is to be beside the student as a model without a teacher had one, or is the teacher.
  private static func requireUntaught(_ other: Model, beside teacher: Model) throws {
    let isTeacher = other.record.digest == teacher.record.digest
    guard isTeacher || other.record.teacher != nil else { return }
    throw Failure(
      .badConfiguration, at: "teacher.beside",
      "expected a model that nobody taught, found \(isTeacher ? "the teacher itself" : "one that had a teacher")",
      cure: "train the student's network without a teacher, and name that run")
  }

  /// Throws a bad configuration (78) where targets count otherwise than features could: these are of samples, whatever their targets.
  private static func requireFeatures(beside loss: any Loss) throws {
    let setting = loss.classWeights != nil ? "class-weights" : loss.ignored != nil ? "ignore" : nil
    guard let setting else { return }
    throw Failure(
      .badConfiguration, at: "teacher.features",
      "expected a loss to which all targets count the same, found one with \(setting)",
      cure: "leave \(setting) out, or features")
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

/// Whether what a teacher says of all training samples is kept, or computed in each step: the same on all ranks, and of the same bits.
private struct Keeping {
  let keeps: Bool
  let text: String

  /// All ranks call it.
  ///
  /// - Parameters:
  ///   - bytes: what all outputs take.
  ///   - most: MiB that they may take; nil: half of what a rank has, and of its share of what its host has.
  init(_ bytes: Int, _ most: Int?, epochs: Int, in world: any Communicator) throws {
    let found = ProcessMemory.ofThisProcess
    let share = min(found.bytes, found.shared.bytes / max(1, world.hostSize)) / 2
    let limit = most.map { $0 << 20 } ?? share
    let fits = try world.allGather([bytes <= limit ? 1 : 0]).allSatisfy { $0 == [1] }
    keeps = epochs > 1 && fits
    let size = byteText(Double(bytes))
    text =
      keeps
      ? "its outputs of all samples are kept, \(size) a rank"
      : epochs > 1
        ? "its outputs are computed in each step: all of them would take \(size) a rank"
        : "its outputs are computed in each step"
  }
}

extension Model {
  /// Its outputs of all samples, on every rank; all ranks call it.
  fileprivate func outputs(ofAll train: Dataset, in world: any Communicator) throws -> FloatView {
    let outputs = FlatBuffer(count: train.count * outputShape.count)
    var next = 0
    try evaluator(world).forEachBlock(everywhere: train) { block in
      outputs.view[next..<next + block.count].assign(block)
      next += block.count
    }
    return outputs.view
  }

  /// It, to be asked by each of `lanes` in each step.
  ///
  /// Throws unavailable (69) where memory lacks for that.
  fileprivate func asked(
    _ train: Dataset, microBatch: Int, lanes: Int, in world: any Communicator
  ) throws -> AskedTeacher {
    try world.agree {
      let plan = try plan.network.plan(microBatch: microBatch, precision: configuration.precision)
      let (bytes, found) = (4 * (plan.layout.count + lanes * plan.arenaCount), ProcessMemory.ofThisProcess)
      guard bytes <= found.bytes, bytes * world.hostSize <= found.shared.bytes else {
        throw Failure(
          .unavailable, at: "teacher",
          "expected \(byteText(Double(bytes))) of memory a rank for \(count(lanes, "lane")) of it, found "
            + "\(byteText(Double(found.bytes))) (\(found.shared.name))",
          cure: "make micro-batch smaller, or use fewer lanes")
      }
      return AskedTeacher(plan, parameters: parameters.view, samples: train)
    }
  }
}

extension Distilled.Model {
  fileprivate init(_ role: String, of model: Model, _ evaluation: Evaluation) {
    self.init(
      role, path: model.path, weights: model.record.digest, parameters: model.plan.layout.parameterCount, evaluation)
  }
}

extension Receipt {
  /// The link of the weights that a run was taught by.
  static let teacherLink = "teacher"
}
