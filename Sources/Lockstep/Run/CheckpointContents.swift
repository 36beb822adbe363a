import Checkpoints
import Datasets
import Diagnostics
import Kernels
import Optimizers
import Tensors
import Training

/// What a run puts into its checkpoints, and takes out again.
///
/// - `model.safetensors`: the parameters, named, shaped and ordered as PyTorch's `Sequential` would.
/// - `optimizer.safetensors`: the optimizer's state, `m.0.weight` where it is as long as the parameters, and their
///   average, `ema.0.weight`; missing where there are none.
/// - `ema.safetensors`: the average under the parameters' names, for evaluation and prediction; missing where the run
///   keeps none.
/// - `standardisation.safetensors`: `means` and `deviations` of the training data; missing where there are none. Where
///   columns are wide, also `wide`, 1 for each of them and 0 for the others, and `mean-remainders`, what the means of wide
///   columns are more than their floats.
private enum FileName {
  static let model = "model.safetensors"
  static let optimizer = "optimizer.safetensors"
  static let average = "ema.safetensors"
  static let standardisation = "standardisation.safetensors"
}

/// The tensors of `standardisation.safetensors`, in their order: the last two only where columns are wide.
private enum StatisticsName {
  static let all = ["means", "deviations", "wide", "mean-remainders"]
}

/// Words under which `run.json` keeps what is not a setting.
private enum VersionName {
  static let instructionSet = "instruction-set"
  static let input = "input"
  static let trainingData = "training-data"
}

extension RunRecord {
  /// The versions of everything that decides bits, the training data's checksum among them, and the shape of a sample.
  static func versions(instructionSet: InstructionSet, input: Shape, trainingData: UInt64) -> [String: String] {
    [
      "lockstep": lockstepVersion, "oneDNN": Kernels.oneDNNVersion,
      VersionName.instructionSet: instructionSet.rawValue,
      VersionName.input: input.extents.map(String.init).joined(separator: " "),
      VersionName.trainingData: String(trainingData, radix: 16),
    ]
  }

  /// Whether the run may have been trained on data of this checksum; so it may where the record does not tell.
  func admits(trainingData checksum: UInt64) -> Bool {
    versions[VersionName.trainingData].map { $0 == String(checksum, radix: 16) } ?? true
  }

  var instructionSet: RunConfiguration.InstructionSetChoice? {
    versions[VersionName.instructionSet].flatMap(RunConfiguration.InstructionSetChoice.init(rawValue:))
  }

  /// What computed it, with versions: `instruction-set avx2, lockstep 0.1.0, oneDNN 2.6.3`.
  var programs: String {
    versions.filter { ![VersionName.input, VersionName.trainingData].contains($0.key) }.sorted { $0.key < $1.key }.map {
      "\($0.key) \($0.value)"
    }
    .joined(separator: ", ")
  }

  /// The shape of one sample.
  func input(of path: String) throws -> Shape {
    let words = (versions[VersionName.input] ?? "").split(separator: " ")
    let extents = words.compactMap { Int($0) }.filter { (1...(1 << 24)).contains($0) }
    guard !extents.isEmpty, extents.count == words.count, extents.count <= 8,
      extents.reduce(1.0, { $0 * Double($1) }) < 1e9
    else {
      throw Failure(
        .badData, at: "\(path)/\(RunRecord.fileName)", "expected the shape of a sample under versions.input",
        cure: "use another checkpoint")
    }
    return Shape(extents)
  }
}

extension StateSlot {
  /// What a checkpoint has of it: tensors that lie in `buffer`, but for those that it has in another order.
  fileprivate func tensors(in buffer: FloatView, _ layout: ParameterLayout) -> [NamedTensor] {
    switch extent {
    case .sharded: layout.tensors(in: buffer).map { NamedTensor("\(name).\($0.name)", $0.shape, $0.view) }
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
      if slot.isSharded { stored.load(tensors, into: buffer.view) }
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

  /// The statistics that the run's features were standardised with; nil where they were not.
  func readStandardisation(_ kind: RunConfiguration.Standardise, input: Shape) throws -> Standardisation? {
    guard let granularity = Standardisation.Granularity(rawValue: kind.rawValue) else { return nil }
    let count = granularity == .feature ? input.count : input.extents.last ?? 1
    let buffers = (0..<4).map { _ in FlatBuffer(count: count) }
    let hasWide = try tensorNames(of: FileName.standardisation).contains(StatisticsName.all[2])
    try read(FileName.standardisation, into: Self.standardisationTensors(Array(buffers.prefix(hasWide ? 4 : 2))))
    let numbers = buffers.map(\.view.array)
    let wide = numbers[2].indices.filter { hasWide && numbers[2][$0] != 0 }
    return try Standardisation(
      means: numbers[0], deviations: numbers[1], granularity: granularity,
      wideRemainders: Dictionary(uniqueKeysWithValues: wide.map { ($0, numbers[3][$0]) }))
  }

  /// The files of a checkpoint.
  static func contents(
    parameters: FloatView, state: [FlatBuffer], stateSlots: [StateSlot], average: FloatView?,
    standardisation: Standardisation?, layout: ParameterLayout
  ) -> [String: CheckpointStore.Content] {
    var contents: [String: CheckpointStore.Content] = [
      FileName.model: .tensors(layout.tensors(in: parameters), metadata: ["format": "pt"])
    ]
    if let average { contents[FileName.average] = .tensors(layout.tensors(in: average), metadata: ["format": "pt"]) }
    if !state.isEmpty {
      contents[FileName.optimizer] = .tensors(zip(stateSlots, state).flatMap { $0.tensors(in: $1.view, layout) })
    }
    if let standardisation {
      var numbers = [standardisation.means, standardisation.deviations]
      let remainders = standardisation.wideRemainders
      if !remainders.isEmpty {
        numbers.append(numbers[0].indices.map { remainders[$0] == nil ? 0 : 1 })
        numbers.append(numbers[0].indices.map { remainders[$0] ?? 0 })
      }
      let buffers = numbers.map { numbers in
        let buffer = FlatBuffer(count: numbers.count)
        buffer.view.assign(numbers)
        return buffer
      }
      contents[FileName.standardisation] = .tensors(standardisationTensors(buffers))
    }
    return contents
  }

  private static func standardisationTensors(_ buffers: [FlatBuffer]) -> [NamedTensor] {
    zip(StatisticsName.all, buffers).map { NamedTensor($0, [$1.count], $1.view) }
  }
}
