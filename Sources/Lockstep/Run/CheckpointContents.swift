import Checkpoints
import Datasets
import Diagnostics
import Kernels
import Tensors
import Training
import Transforms

/// What a run puts into its checkpoints, and takes out again.
///
/// - `model.safetensors`: the parameters, named, shaped and ordered as PyTorch's `Sequential` would.
/// - `optimizer.safetensors`: each of the optimizer's buffers, `m.0.weight`, and the parameters' average,
///   `ema.0.weight`; missing where there are none.
/// - `ema.safetensors`: the average under the parameters' names, for evaluation and prediction; missing where the run
///   keeps none.
/// - `standardisation.safetensors`, and so for every kind of transform: the arrays that it was fitted to.
private enum FileName {
  static let model = "model.safetensors"
  static let optimizer = "optimizer.safetensors"
  static let average = "ema.safetensors"
}

extension RunRecord {
  /// The versions of everything that decides bits.
  static var ownPrograms: [String: String] { ["lockstep": lockstepVersion, "oneDNN": Kernels.oneDNNVersion] }

  /// A checksum as `trainingData` has it.
  static func text(ofChecksum checksum: UInt64) -> String { String(checksum, radix: 16) }

  /// Whether the run may have been trained on data of this checksum; so it may where the record does not tell.
  func admits(trainingData checksum: UInt64) -> Bool {
    trainingData.map { $0 == Self.text(ofChecksum: checksum) } ?? true
  }

  var instructionSetChoice: RunConfiguration.InstructionSetChoice? {
    instructionSet.flatMap(RunConfiguration.InstructionSetChoice.init(rawValue:))
  }

  /// What computed it, with versions: `instruction-set avx2, lockstep 0.1.0, oneDNN 2.6.3`.
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

extension ParameterLayout {
  /// The name of the first slot that holds an infinity or NaN; nil where none does.
  func nonFiniteSlot(in buffer: FloatView) -> String? {
    Kernels.firstNonFinite(in: buffer).map { slot(at: $0)?.name ?? "" }
  }
}

extension Checkpoint {
  /// Overwrites the slots of `layout` in `buffer`.
  func readParameters(into buffer: FloatView, layout: ParameterLayout) throws {
    let layout = record.layout(layout)
    try read(FileName.model, [""], into: [buffer], layout)
    guard Digest(of: buffer, layout: layout).description == record.digest else {
      throw Failure(
        .badData, at: "\(path)/\(FileName.model)", "expected digest \(record.digest), found other parameters",
        cure: "use another checkpoint")
    }
  }

  /// Overwrites the slots of `layout` in `buffer` with the parameters' average.
  func readAverage(into buffer: FloatView, layout: ParameterLayout) throws {
    try read(FileName.average, [""], into: [buffer], record.layout(layout))
  }

  /// Overwrites the optimizer's buffers, which must hold finite numbers: a run could not go on from others.
  func readState(_ names: [String], into buffers: [FlatBuffer], layout: ParameterLayout) throws {
    guard !names.isEmpty else { return }
    try read(FileName.optimizer, names.map { "\($0)." }, into: buffers.map(\.view), record.layout(layout))
    for (name, buffer) in zip(names, buffers) {
      guard let slot = layout.nonFiniteSlot(in: buffer.view) else { continue }
      throw Failure(
        .badData, at: "\(path)/\(FileName.optimizer)",
        "expected finite numbers, found one that is infinite or NaN in \(name).\(slot)",
        cure: "move this checkpoint away and resume from the one before")
    }
  }

  /// Overwrites the slots of `layout` in each buffer with a file's tensors, whose names begin with that buffer's prefix.
  private func read(
    _ name: String, _ prefixes: [String], into buffers: [FloatView], _ layout: ParameterLayout
  ) throws {
    let tensors = buffers.map(layout.tensors(in:))
    try read(
      name,
      into: zip(prefixes, tensors).flatMap { prefix, tensors in
        tensors.map { NamedTensor(prefix + $0.name, $0.shape, $0.view) }
      })
    for (tensors, buffer) in zip(tensors, buffers) { layout.load(tensors, into: buffer) }
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
      } catch let failure as Failure {
        throw Failure(failure.code, at: "\(path)/\(file)", failure.description, cure: "use another checkpoint")
      }
    }
  }

  /// The files of a checkpoint.
  static func contents(
    parameters: FloatView, state: [FlatBuffer], stateNames: [String], average: FloatView?,
    transforms: [any FittedTransform], files: [String], layout: ParameterLayout
  ) -> [String: CheckpointStore.Content] {
    var contents: [String: CheckpointStore.Content] = [
      FileName.model: .tensors(layout.tensors(in: parameters), metadata: ["format": "pt"])
    ]
    if let average { contents[FileName.average] = .tensors(layout.tensors(in: average), metadata: ["format": "pt"]) }
    if !state.isEmpty { contents[FileName.optimizer] = .tensors(stateTensors(stateNames, state, layout)) }
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

  private static func stateTensors(
    _ names: [String], _ buffers: [FlatBuffer], _ layout: ParameterLayout
  ) -> [NamedTensor] {
    zip(names, buffers).flatMap { name, buffer in
      layout.tensors(in: buffer.view).map { NamedTensor("\(name).\($0.name)", $0.shape, $0.view) }
    }
  }
}
