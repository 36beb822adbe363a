import Checkpoints
import Communication
import Datasets
import Diagnostics
import Kernels
import Layers
import Reduction
import Tensors
import Training

/// A trained network as a checkpoint holds it: ready to evaluate and to predict.
public final class Model {
  public let path: String
  public let configuration: RunConfiguration
  public let plan: Plan
  public let parameters: FlatBuffer
  public let standardisation: Standardisation?
  public let record: RunRecord
  private let team: LaneTeam

  /// Loads the checkpoint at `path`, or the newest whole one of a run directory; `note` is told what was passed over.
  ///
  /// The processor must have the instruction set that the run was trained with, so that outputs have the same bits.
  public init(_ path: String, lanes: Int = 1, note: (String) -> Void = { _ in }) throws {
    let (checkpoint, passedOver) = try Checkpoint.load(path)
    for (path, reason) in passedOver { note("passed over a damaged checkpoint, \(path): \(reason)") }
    self.path = checkpoint.path
    record = checkpoint.record
    configuration = try RunConfiguration(resolved: record.config, of: checkpoint.path)
    let input = try record.input(of: checkpoint.path)
    plan = try Network(input: input, layers: configuration.layers).plan(microBatch: configuration.microBatch)
    parameters = FlatBuffer(count: plan.layout.count)
    try checkpoint.readParameters(into: parameters.view, layout: plan.layout)
    standardisation = try checkpoint.readStandardisation(configuration.standardise, input: input)
    _ = try BitCompatibility.establish(
      LocalWorld.single(), choice: record.instructionSet ?? configuration.instructionSet)
    team = LaneTeam(count: lanes)
  }

  deinit { team.close() }

  /// The test data that the configuration names; throws where there are none.
  public func testData() throws -> Dataset {
    let (classes, features) = (record.classes, record.features)
    let test = try configuration.data.test(seed: configuration.seed, classes: classes, features: features)
    if let test { return test }
    throw Failure(
      .badConfiguration, at: path, "the run had no test data", cure: "name some with --data")
  }

  /// Loss and scores on `dataset`.
  public func evaluate(_ dataset: Dataset) throws -> Evaluation {
    try check(dataset)
    try checkTargets(of: dataset, outputs: outputShape, loss: configuration.loss)
    return try evaluator(LocalWorld.single()).evaluate(dataset, standardisation: standardisation)
  }

  /// The outputs of every sample: N × outputs, probabilities where the loss is a cross-entropy.
  public func predict(_ dataset: Dataset) throws -> FlatBuffer {
    try check(dataset)
    let outputs = evaluator(LocalWorld.single()).outputs(dataset, standardisation: standardisation)
    switch configuration.loss {
    case .crossEntropy: Kernels.softmax(outputs.view, columns: outputShape.count, into: outputs.view)
    case .binaryCrossEntropy: Kernels.forward(.sigmoid, outputs.view, into: outputs.view)
    case .meanSquaredError: break
    }
    return outputs
  }

  /// The shape of one sample's output.
  public var outputShape: Shape { plan.shapes.last ?? plan.network.input }

  private func evaluator(_ world: any Communicator) -> Evaluator {
    Evaluator(plan: plan, parameters: parameters.view, loss: configuration.loss, team: team, world: world)
  }

  private func check(_ dataset: Dataset) throws {
    guard dataset.shape == plan.network.input else {
      throw Failure(
        .badData, at: dataset.source, "expected samples of shape \(plan.network.input), found \(dataset.shape)",
        cure: "use data of the form that the model was trained on")
    }
    try standardisation?.check(fits: dataset)
  }
}

/// Throws where a loss cannot compare `outputs` with the targets of `dataset`.
func checkTargets(of dataset: Dataset, outputs: Shape, loss: Loss) throws {
  func mismatch(_ fault: String, _ cure: String) -> Failure {
    Failure(.badConfiguration, at: dataset.source, fault, cure: cure)
  }
  guard outputs.rank == 1 else {
    throw mismatch("the model gives \(outputs) a sample, where a row is expected", "end the model with a dense layer")
  }
  if loss.takesClasses {
    guard let names = dataset.classNames else {
      throw mismatch("\(loss.rawValue) needs classes, and the targets are numbers", "use mean-squared-error")
    }
    guard names.count > 1 else {
      throw Failure(
        .badData, at: dataset.source, "expected several classes, found \(names[0]) alone",
        cure: "check which column is the target")
    }
    guard names.count == outputs.count else {
      throw mismatch(
        "\(names.count) classes, but the model has \(outputs.count) outputs",
        "give the last dense layer \(names.count) units")
    }
    return
  }
  guard let width = dataset.valueWidth else {
    throw mismatch(
      "\(loss.rawValue) needs numbers or two classes, found \(dataset.classNames?.count ?? 0) classes",
      "use cross-entropy")
  }
  guard width == outputs.count else {
    throw mismatch(
      "\(width) target\(width == 1 ? "" : "s") a sample, but the model has \(outputs.count) outputs",
      "give the last dense layer \(width) units")
  }
}
