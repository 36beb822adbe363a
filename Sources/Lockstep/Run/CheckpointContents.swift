import Checkpoints
import Communication
import Datasets
import Diagnostics
import Kernels
import Optimizers
import Tensors
import Training
import Transforms

/// What a run puts into its checkpoints, and takes out again.
///
/// - `model.safetensors`: the parameters, named, shaped and ordered as PyTorch's `Sequential` would.
/// - `optimizer.safetensors`: the optimizer's state, `m.0.weight` where it is as long as the parameters, and their
///   average, `ema.0.weight`; missing where there are none.
/// - `ema.safetensors`: the average under the parameters' names, for evaluation and prediction; missing where the run
///   keeps none.
/// - `preparation.json`: what the columns of a table were fitted to; missing where the data are no such table.
/// - `standardisation.safetensors`, and so for every kind of transform: the arrays that it was fitted to.
private enum FileName {
  static let model = "model.safetensors"
  static let optimizer = "optimizer.safetensors"
  static let average = "ema.safetensors"
  static let preparation = "preparation.json"
}

extension RunRecord {
  /// The versions of everything that decides bits.
  static var ownPrograms: [String: String] { ["lockstep": lockstepVersion] }

  /// A checksum as `trainingData` has it.
  static func text(ofChecksum checksum: UInt64) -> String { String(checksum, radix: 16) }

  /// Whether the run may have been trained on data of this checksum; so it may where the record does not tell.
  func admits(trainingData checksum: UInt64) -> Bool {
    trainingData.map { $0 == Self.text(ofChecksum: checksum) } ?? true
  }

  /// Whether the run may have been watched by data of this checksum.
  func admits(watchedData checksum: UInt64) -> Bool {
    watchedData.map { $0 == Self.text(ofChecksum: checksum) } ?? true
  }

  /// What computed it, with versions: `instruction-set avx2, lockstep 0.1.0`.
  var programText: String {
    let set = instructionSet.map { ["instruction-set \($0)"] } ?? []
    return (set + programs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }).joined(separator: ", ")
  }

  /// The shape of one sample.
  func inputShape(of path: String) throws -> Shape {
    guard !input.isEmpty, input.count <= 8, input.allSatisfy({ (1...(1 << 24)).contains($0) }),
      input.reduce(1.0, { $0 * Double($1) }) < 1e9
    else {
      throw Failure(
        .badData, at: "\(path)/\(RunRecord.fileName)", "expected the shape of a sample under input",
        cure: "use another checkpoint")
    }
    return Shape(input)
  }
}

extension StateSlot {
  /// What a checkpoint has of it: tensors that lie in `buffer`, but for those that it has in another order.
  fileprivate func tensors(in buffer: FloatView, _ layout: ParameterLayout) -> [NamedTensor] {
    switch extent {
    case .sharded: layout.trained.tensors(in: buffer).map { NamedTensor("\(name).\($0.name)", $0.shape, $0.view) }
    case .replicated(let shape): [NamedTensor(name, shape, buffer)]
    }
  }

  /// The first of its tensors that holds an infinity or NaN, and words for it: `m.0.weight`, "m of 0.weight"; nil where
  /// none does.
  func nonFinite(in buffer: FloatView, _ layout: ParameterLayout) -> (tensor: String, words: String)? {
    guard isSharded else { return Kernels.firstNonFinite(in: buffer).map { _ in (name, name) } }
    return layout.nonFiniteSlot(in: buffer).map { ("\(name).\($0)", "\(name) of \($0)") }
  }
}

extension ParameterLayout {
  /// The slots of an average as tensors: those that are frozen are the parameters themselves.
  fileprivate func tensors(in average: FloatView, frozen parameters: FloatView) -> [NamedTensor] {
    var (learned, all) = (trained.tensors(in: average).makeIterator(), tensors(in: parameters))
    for place in slots.indices where !slots[place].isFrozen { all[place] = learned.next()! }
    return all
  }

  /// The name of the first slot that holds an infinity or NaN; nil where none does.
  func nonFiniteSlot(in buffer: FloatView) -> String? {
    Kernels.firstNonFinite(in: buffer).map { slot(at: $0)?.name ?? "" }
  }
}

extension Checkpoint {
  /// Overwrites the slots of `layout` in `buffer`.
  func readParameters(into buffer: FloatView, layout: ParameterLayout) throws {
    let layout = record.layout(layout)
    try read(FileName.model, into: buffer, layout)
    guard Digest(of: buffer, layout: layout).description == record.digest else {
      throw Failure(
        .badData, at: "\(path)/\(FileName.model)", "expected digest \(record.digest), found other parameters",
        cure: "use another checkpoint")
    }
  }

  /// Overwrites the slots of `layout` in `buffer` with the parameters' average.
  func readAverage(into buffer: FloatView, layout: ParameterLayout) throws {
    try read(FileName.average, into: buffer, record.layout(layout))
  }

  /// Overwrites the optimizer's buffers, one a slot, which must hold finite numbers: a run could not go on from others.
  func readState(_ slots: [StateSlot], into buffers: [FlatBuffer], layout: ParameterLayout) throws {
    guard !slots.isEmpty else { return }
    let stored = record.layout(layout)
    let tensors = zip(slots, buffers).map { $0.tensors(in: $1.view, stored) }
    try read(FileName.optimizer, into: tensors.flatMap { $0 })
    for ((slot, buffer), tensors) in zip(zip(slots, buffers), tensors) {
      if slot.isSharded { stored.trained.load(tensors, into: buffer.view) }
      guard let found = slot.nonFinite(in: buffer.view, layout) else { continue }
      throw Failure(
        .badData, at: "\(path)/\(FileName.optimizer)",
        "expected finite numbers, found one that is infinite or NaN in \(found.tensor)",
        cure: "move this checkpoint away and resume from the one before")
    }
  }

  /// Overwrites the slots of `layout` in a buffer with a file's tensors.
  private func read(_ name: String, into buffer: FloatView, _ layout: ParameterLayout) throws {
    let tensors = layout.tensors(in: buffer)
    try read(name, into: tensors)
    layout.load(tensors, into: buffer)
  }

  /// The transforms of the run's features, as they were fitted.
  func readTransforms(_ pipeline: Pipeline, shape: Shape) throws -> [any FittedTransform] {
    try zip(pipeline.transforms, pipeline.fileNames).map { transform, file in
      let tensors = try tensors(of: file).map { name, shape in
        NamedTensor(name, shape, FlatBuffer(count: shape.count).view)
      }
      try read(file, into: tensors)
      do {
        return try transform.restored(from: tensors.map { FittedArray($0.name, $0.view.array) }, shape: shape)
      } catch {
        let failure = Failure(reporting: error)
        throw Failure(failure.code, at: "\(path)/\(file)", failure.description, cure: "use another checkpoint")
      }
    }
  }

  /// What the columns of a table were fitted to; nil where the data were none.
  func readPreparation() throws -> String? {
    guard record.files[FileName.preparation] != nil else { return nil }
    return String(decoding: try bytes(of: FileName.preparation), as: UTF8.self)
  }

  /// The files of a checkpoint.
  static func contents(
    parameters: FloatView, state: [FlatBuffer], stateSlots: [StateSlot], average: FloatView?,
    transforms: [any FittedTransform], files: [String], preparation: String?, layout: ParameterLayout
  ) -> [String: CheckpointStore.Content] {
    var contents: [String: CheckpointStore.Content] = [
      FileName.model: .tensors(layout.tensors(in: parameters), metadata: ["format": "pt"])
    ]
    if let average {
      contents[FileName.average] = .tensors(layout.tensors(in: average, frozen: parameters), metadata: ["format": "pt"])
    }
    if !state.isEmpty {
      contents[FileName.optimizer] = .tensors(zip(stateSlots, state).flatMap { $0.tensors(in: $1.view, layout) })
    }
    if let preparation { contents[FileName.preparation] = .bytes(Array(preparation.utf8)) }
    for (transform, file) in zip(transforms, files) {
      contents[file] = .tensors(
        transform.arrays.map { array in
          let buffer = FlatBuffer(count: array.values.count)
          buffer.view.assign(array.values)
          return NamedTensor(array.name, [array.values.count], buffer.view)
        })
    }
    return contents
  }
}
