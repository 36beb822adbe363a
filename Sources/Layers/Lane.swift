import Diagnostics
import Kernels
import Tensors

/// One lane's memory: what a single-threaded forward and backward pass of one micro-batch reads and writes.
///
/// Parameters are shared between lanes; activations belong to the lane; the gradient leaf is put in by whoever runs
/// the pass. Tables are indexed by the places that `Binding` holds.
public struct Lane: ~Copyable, @unchecked Sendable {
  /// The memory of the network's input and of what its operations give: B × shape floats each, where they are of floats.
  public fileprivate(set) var values: [FloatView]
  /// The gradients of the same tensors; empty where a gradient is not wanted.
  public let gradients: [FloatView]
  /// What the same tensors are of, and how many numbers they have.
  private let forms: [TensorForm]
  /// A layer's floats from forward to backward, by `Binding.index`.
  public let saved: [FloatView]
  /// A layer's floats during forward, and during backward, by `Binding.index`.
  public let forwardScratch: [FloatView]
  /// For each bound layer what it asked for with `Workspace.backward`.
  public let backwardScratch: [FloatView]
  /// The slots of the parameters.
  public let parameters: [FloatView]
  /// The slots of the gradient leaf that backward overwrites.
  public private(set) var parameterGradients: [FloatView] = []
  /// By slot; empty where the gradients are overwritten as a whole.
  private var touchedRows: [TouchedRows?] = []
  /// Where sequences of the micro-batch end, by `Binding.lengths`: an embedding with a padding token writes them in the forward
  /// pass, and layers behind it read them in both.
  public let lengths: [SequenceLengths]
  /// Classes of positions, but for those that are padding: see `Plan.real`.
  let realClasses: NumberBuffer<Int32>?
  /// What dropout draws from.
  public let random: Philox
  /// Whether the pass trains, and where in the run it is.
  public private(set) var mode = Mode.evaluation
  /// How many of the micro-batch's samples are there, the first ones. The others hold anything finite, and count for
  /// nothing: the loss gives them a gradient of zero, and layers that mix samples leave them out.
  public private(set) var validCount: Int
  /// Copies of parameters that it may use, of the same memory; nil: none.
  package var packedWeights: PackedWeights?
  /// Weights as whole numbers; none in a plan of floats.
  package var integerWeights = RoundedWeights.none
  /// What a teacher has of the micro-batch between layers; nil: there is none.
  package var features: FeaturePass?
  /// Where it notes the layer that it is at, counted with forks and joins; nil where nobody asks.
  public var progress: RankProgress?
  /// Which values are the input, or lie in its memory.
  private let inputPlaces: [Int]
  private let outputPlace: Int
  private let layout: ParameterLayout
  private let stagingStarts: [Int]
  private let stages: [LearningStage]
  /// Which of the plan's stages its passes are of.
  package private(set) var stage = 0
  /// Where gradients lie that are computed and not wanted, by slot.
  private let discards: [Int?]
  private let discard: FlatBuffer
  private let microBatch: Int

  /// Whether a pass trains or evaluates.
  public enum Mode: Sendable {
    case evaluation
    /// The step, from 0, and the position in the batch of the micro-batch's first sample.
    case training(step: Int, firstPosition: Int)
  }

  init(
    values: [FloatView?], gradients: [FloatView?], forms: [TensorForm], output: Int, saved: [FloatView?],
    forwardScratch: [FloatView?],
    backwardScratch: [FloatView?], parameters: FloatView, layout: ParameterLayout, stagingStarts: [Int],
    stages: [LearningStage], discards: [Int?], discard: FlatBuffer,
    microBatch: Int, random: Philox,
    lengths: [SequenceLengths], realClasses: NumberBuffer<Int32>?, arena: FlatBuffer
  ) {
    let empty = arena.view[0..<0]
    func filled(_ views: [FloatView?]) -> [FloatView] { views.map { $0 ?? empty } }
    self.values = filled(values)
    inputPlaces = values.indices.filter { values[$0] == nil }
    self.gradients = filled(gradients)
    self.forms = forms
    outputPlace = output
    (self.saved, self.forwardScratch) = (filled(saved), filled(forwardScratch))
    self.backwardScratch = filled(backwardScratch)
    self.parameters = layout.slots.map { parameters[$0.range] }
    (self.random, self.layout, self.stagingStarts, self.microBatch) = (random, layout, stagingStarts, microBatch)
    (self.lengths, self.realClasses) = (lengths, realClasses)
    (self.stages, self.discards, self.discard) = (stages, discards, discard)
    validCount = microBatch
    parameterGradients.reserveCapacity(layout.slots.count)
  }

  /// The numbers of a tensor, of whichever precision.
  public func tensor(_ place: Int) -> TensorView {
    TensorView(values[place], forms[place].precision, count: forms[place].count)
  }

  /// Bytes of a tensor's numbers: behind an odd count of bfloat16 ones a float of its memory has two more, which nobody writes.
  package func byteCount(_ place: Int) -> Int { forms[place].count * forms[place].precision.size }

  /// The gradient of a tensor, of the same precision; asked for where it is wanted.
  public func gradient(_ place: Int) -> TensorView {
    TensorView(gradients[place], forms[place].precision, count: forms[place].count)
  }

  /// The packed copy of a slot, or of its transpose, for products with it; nil: there is none.
  func packed(_ slot: Int, isTransposed: Bool) -> PackedFactor? {
    packedWeights?.factor(slot, isTransposed: isTransposed)
  }

  /// Overwrites all its memory, for tests of what depends on what was there.
  package func fill(_ content: Float) {
    for view in values + gradients + saved + forwardScratch + backwardScratch {
      view.base.update(repeating: content, count: view.count)
    }
  }

  /// The output of the network.
  public var output: FloatView { values[outputPlace] }
  /// The gradient of the loss with respect to the output: the loss writes it before backward.
  public var outputGradient: FloatView { gradients[outputPlace] }

  /// Chooses the input of the next pass, B × shape, which the pass may overwrite; allocates nothing.
  public mutating func setInput(_ input: FloatView) {
    for place in inputPlaces { values[place] = input }
  }

  /// The rows of a slot's gradient that backward is to write alone; nil: it overwrites all of it.
  package borrowing func touched(_ slot: Int) -> TouchedRows? { touchedRows.isEmpty ? nil : touchedRows[slot] }

  /// Whether a slot learns in this pass, or as a running statistic follows the batches; of others nobody wants the gradient.
  public borrowing func learns(_ slot: Int) -> Bool { stages[stage].learns[slot] }

  /// Chooses what learns in the next passes; the leaf or staging must be chosen afterwards.
  package mutating func setStage(_ stage: Int) { self.stage = stage }

  /// Where the gradient of a slot goes: none where it is frozen and its layer computes none.
  private borrowing func gradientPlace(_ slot: Int, in leaf: FloatView, from start: Int) -> FloatView {
    let count = layout.slots[slot].range.count
    if learns(slot) { return leaf[start..<start + count] }
    guard let place = discards[slot] else { return discard.view[0..<0] }
    return discard.view[place..<place + count]
  }

  /// Chooses the flat buffer that backward writes its leaf to; allocates nothing.
  public mutating func setLeaf(_ leaf: FloatView) { setLeaf(leaf, touched: []) }

  /// The same, with the rows that are kept of some slots, of which `restart` has been called with them; none: of no slot.
  package mutating func setLeaf(_ leaf: FloatView, touched: [TouchedRows?]) {
    parameterGradients.removeAll(keepingCapacity: true)
    for (place, slot) in layout.slots.enumerated() {
      parameterGradients.append(gradientPlace(place, in: leaf, from: slot.range.lowerBound))
    }
    touchedRows = touched
  }

  /// Chooses `Plan.stagingCount` floats that backward writes its leaf to, operation over operation: the gradients of an
  /// operation's slots last until the next one begins, and those that two have until both are through. Allocates nothing. Of slots whose rows are kept in `touched` other rows
  /// are left as they are.
  package mutating func setStaging(_ staging: FloatView, touched: [TouchedRows?] = []) {
    touchedRows = touched
    parameterGradients.removeAll(keepingCapacity: true)
    for (place, start) in stagingStarts.enumerated() {
      parameterGradients.append(gradientPlace(place, in: staging, from: start))
    }
  }

  /// Chooses what the next pass is; nil means that all samples of the micro-batch are there.
  public mutating func setMode(_ mode: Mode, valid: Int? = nil) {
    let valid = valid ?? microBatch
    precondition(valid > 0 && valid <= microBatch, "\(valid) samples of a micro-batch of \(microBatch)")
    self.mode = mode
    validCount = valid
  }
}

/// What a tensor of a lane is of, and how many numbers it has.
struct TensorForm: Sendable {
  let precision: NumberFormat
  let count: Int

  /// Floats of memory.
  var floats: Int { precision.floats(count) }
}
