import Checkpoints
import Datasets
import Diagnostics
import Files
import Foundation
import Layers
import Tensors
import Training

extension Model {
  /// Writes the model without the outputs of layers that are zeros, as a run of its own at `path`, and measures both. One process alone.
  ///
  /// What structured pruning has made zeros is cut out of the layers, and of those that read them: nothing else changes. The new run has
  /// no optimizer's state; it predicts, is measured, quantised, exported and gone on from (`start-from`) as others are. Its receipt has
  /// that of this run, and goes on with what was cut; its decision is this one's, fitted once more.
  ///
  /// Throws a usage error (64) where something is at `path`, and unavailable (69) where no output is zeros, or layers are not
  /// written one by one.
  public func shrink(to path: String) throws -> Shrinking {
    guard !exists(path) else {
      throw Failure(
        .usage, at: path, "expected nothing there, found a file or a folder",
        cure: "name a folder that is not there yet")
    }
    guard configuration.fineTuning.adapter == nil else {
      throw Failure(
        .unavailable, at: self.path, "expected a model without adapters, found one of lora", cure: "export it merged")
    }
    let cut = try Cut(zerosOf: plan, parameters.view)
    guard !cut.layers.isEmpty else {
      throw Failure(
        .unavailable, at: self.path, "expected outputs of layers whose weights are all 0, found none",
        cure: "train with prune: {share: 0.5, until: 5, structured: true}")
    }
    let narrow = try configuration.narrowed(cut, of: plan, at: self.path)
    // Before anything is written: a folder that is there looks whole.
    let measured = try measuredData()
    let written = try write(cut, as: narrow, to: path)
    let small = try Model(written, as: nil, world: world, decision: .passedOver)
    func bytes(_ plan: Plan) -> Double { Double(4 * plan.layout.parameterCount) }
    let layers = cut.layers.map { Shrinking.Layer(place: $0.paths[0], from: $0.from, to: $0.to) }
    let size = Shrinking.Change(before: bytes(plan), after: bytes(small.plan))
    let work = Shrinking.Change(before: Double(plan.multiplyAdds), after: Double(small.plan.multiplyAdds))
    let found = Shrinking(
      of: record.digest, weights: small.record.digest, layers: layers, size: size, work: work,
      comparison: try compare(small, on: measured))
    try found.write(toCheckpoint: small.path)
    try handDown(to: small, found)
    return found
  }

  /// A run's folder with one checkpoint; returns the path of that.
  private func write(_ cut: Cut, as narrow: RunConfiguration, to path: String) throws -> String {
    let form = Schema(classes: record.classes, targets: record.targets, ends: schema.ends)
    let network = try narrow.network(input: plan.network.input, form)
    let small = try network.plan(microBatch: narrow.microBatch, precision: narrow.precision)
    let own = cut.parameters(of: small, from: plan, parameters.view)
    var record = record
    record.config = narrow.resolved
    record.digest = Digest(of: own.view, layout: small.layout).description
    (record.metrics, record.sums, record.best, record.startFrom, record.teacher) = ([:], nil, nil, nil, nil)
    let contents = Checkpoint.contents(
      parameters: own.view, state: [], stateSlots: [], average: nil, transforms: transforms,
      files: configuration.transforms.fileNames, preparation: preparation, layout: small.layout)
    let store = try CheckpointStore(directory: path, keeping: 1)
    try narrow.write(toRunDirectory: path)
    return try store.save(contents, record: record).path
  }

  /// Figures and speed of both on rows that training has not seen; nil where there are none.
  private func compare(
    _ small: Model, on measured: [(name: String, data: Dataset)]
  ) throws -> Shrinking.Comparison? {
    guard let (name, data) = measured.last(where: { $0.name == "test" }) ?? measured.last else { return nil }
    let (before, after) = (try evaluate(data), try small.evaluate(data))
    var figures = [Shrinking.Figure(name: "loss", before: before.loss, after: after.loss)]
    for (old, new) in zip(before.metrics, after.metrics) where old.name != "loss" {
      figures.append(.init(name: old.name, before: old.value, after: new.value))
    }
    let ready = try data.transformed(by: transforms)
    let speeds = Self.speeds(
      [(plan, parameters.view, nil), (small.plan, small.parameters.view, nil)], loss: configuration.loss, on: ready)
    return Shrinking.Comparison(
      data: name, rows: data.count, figures: figures, speed: .init(before: speeds[0], after: speeds[1]))
  }
}

extension RunConfiguration {
  /// The same with narrower layers, and without what has done its part: pruning, a teacher, weights to start from, an average.
  ///
  /// Layers are told by their order: that of the file is that of the forward pass.
  fileprivate func narrowed(_ cut: Cut, of plan: Plan, at path: String) throws -> RunConfiguration {
    var widths: [String: Int] = [:]
    for layer in cut.layers { for path in layer.paths { widths[path] = layer.to } }
    let steps = plan.steps.filter { $0.layer is Dense || $0.layer is Convolution }
    let keys = settings.filter {
      $0.path.hasPrefix("model.") && [".dense.units", ".convolution.channels"].contains(where: $0.path.hasSuffix)
    }
    func width(_ layer: any Layers.Layer) -> Int { (layer as? Dense)?.units ?? (layer as? Convolution)?.channels ?? 0 }
    guard keys.count == steps.count, zip(keys, steps).allSatisfy({ Int($0.text) == width($1.layer) }) else {
      throw Failure(
        .unavailable, at: path, "expected a model whose layers are written one by one, found one that a kind makes",
        cure: "write its layers under model, and train it again")
    }
    var overrides = ["prune=null", "teacher=null", "start-from=null", "ema=null", "early-stopping=null"]
    for (key, step) in zip(keys, steps) {
      guard let width = widths[step.path] else { continue }
      overrides.append("\(key.path)=\(width)")
      guard let convolution = step.layer as? Convolution, convolution.groups > 1 else { continue }
      overrides.append("\(key.path.dropLast("channels".count))groups=\(width)")
    }
    return try RunConfiguration(resolved: resolved, of: path, overrides: overrides)
  }
}
