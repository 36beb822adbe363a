import Communication
import Datasets
import Diagnostics
import Files
import Foundation
import Judging
import Layers
import Losses
import Tensors
import Training

/// Makes of samples what figures are computed of: what a network says of each, target by target, beside what is true.
struct SampleJudge {
  let evaluator: Evaluator
  /// With a loss for what the data have as targets.
  let configuration: RunConfiguration
  /// Outputs of a sample.
  let width: Int
  let world: any Communicator

  /// How a network goes over samples, whose activated outputs it lends block by block.
  typealias OutputPass = (
    _ evaluator: Evaluator, _ ready: Dataset, _ activate: (FloatView) -> Void, _ body: (FloatView) throws -> Void
  ) throws -> Void

  /// Outputs alone.
  static func outputs(
    _ evaluator: Evaluator, _ ready: Dataset, _ activate: (FloatView) -> Void, _ body: (FloatView) throws -> Void
  ) throws {
    try evaluator.forEachBlock(of: ready, activate: activate, body)
  }

  /// What the network says of each sample, on rank zero; nil on other ranks. All ranks call it.
  ///
  /// Outputs are kept in a file that has no name any more, and is gone with what is given back.
  ///
  /// - Parameter dataset: samples whose features need no transforms but their own.
  func data(of dataset: Dataset, calibration: Calibration?, pass: OutputPass = Self.outputs) throws -> JudgedData? {
    OutOfMemory.note("judging")
    let folder = NSTemporaryDirectory() + "lockstep-judge-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    defer { if world.rank == 0 { try? FileManager.default.removeItem(atPath: folder) } }
    let writer = try world.agree { () -> ArrayWriter<Float>? in
      guard world.rank == 0 else { return nil }
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return try ArrayWriter("\(folder)/outputs.npy", width: width, isKept: false)
    }
    let loss = configuration.loss
    try pass(evaluator, dataset) { outputs in
      loss.activate(outputs, columns: width)
      calibration?.apply(to: outputs, columns: width)
    } _: { outputs in
      try writer?.append(contentsOf: UnsafeBufferPointer(start: outputs.base, count: outputs.count))
    }
    return try world.agree { try writer.map { JudgedData(loss, dataset, outputs: try $0.finish(), columns: width) } }
  }

  /// What is said of each sample, target by target, on rank zero; nil on other ranks. All ranks call it.
  ///
  /// - Parameters:
  ///   - dataset: samples whose features need no transforms but their own. Of what predicts tokens nothing is said.
  ///   - decision: how probabilities become decisions; nil: they are as the network gives them.
  ///   - known: the same targets, whose baselines are taken, of the same training samples.
  ///   - training: the training samples; asked for on rank zero, once at most.
  func subjects(
    of dataset: Dataset, decision: Decision? = nil, positive: [String] = [], like known: [JudgedSubject]? = nil,
    training: () -> Dataset?, tell: (String) -> Void = { _ in }, pass: OutputPass = Self.outputs
  ) throws -> [JudgedSubject]? {
    guard !dataset.isText else { return world.rank == 0 ? [] : nil }
    let data = try data(of: dataset, calibration: decision?.calibration, pass: pass)
    return try world.agree { () -> [JudgedSubject]? in
      guard let data else { return nil }
      let classes = try PositiveClasses(positive, of: data.targets.map { ($0.name, $0.classes) })
      let samples = known == nil ? training() : nil
      return try data.targets.enumerated().compactMap { place, target -> JudgedSubject? in
        guard var rows = try data.judged(target) else { return nil }
        let baseline: Baseline? =
          known.map { known in known.first { $0.name == target.name }?.baseline }
          ?? configuration.chosenBaseline(of: target, on: dataset, training: samples, tell: tell)
        if !dataset.auxiliary.isEmpty {
          rows = rows.with(columns: dataset.judgedColumns, training: samples?.truth(of: target))
        }
        return JudgedSubject(
          name: target.name, rows: rows.about(classes[place], decision, baseline), baseline: baseline)
      }
    }
  }
}
