import Tensors

/// Floats that a layer wants besides its tensors, a lane each.
public struct Workspace: Sendable {
  /// Written by forward, read by backward.
  public var saved: Int
  /// Wanted during forward alone; its content is lost.
  public var forward: Int
  /// Wanted during backward alone; its content is lost.
  public var backward: Int

  /// Floats that are kept from forward to backward, and that each of the two takes meanwhile.
  public init(saved: Int = 0, forward: Int = 0, backward: Int = 0) {
    self.saved = saved
    self.forward = forward
    self.backward = backward
  }
}

/// What a layer is bound to. Indices are places in a lane's tables, so that one bound layer serves every lane.
public struct Binding: Sendable {
  /// Samples a pass.
  public let microBatch: Int
  public let inputShape: Shape
  public let outputShape: Shape
  /// What the network's products take their factors as.
  public let precision: NumberFormat
  /// What the numbers of its input are kept as, and those of its output, their gradients as well: floats, where not both the layer and
  /// what is before or behind it take others.
  public let inputFormat: NumberFormat
  public let outputFormat: NumberFormat
  /// Places of the tensors in `Lane.values` and `Lane.gradients`.
  public let input: Int
  public let output: Int
  /// Places of its slots in `Lane.parameters` and `Lane.parameterGradients`, as `parameters(for:)` lists them.
  public let slots: [Int]
  /// Those of them whose gradients a later layer, which has them too, has begun when backward comes here: it adds to them.
  public let begunSlots: Set<Int>
  /// False where nothing before it learns: the gradient of its input is not wanted, and has no memory.
  public let wantsInputGradient: Bool
  /// The place in `Lane.lengths` of how many positions of each sample of its input are real, and of its output where it has a
  /// padding token; nil: all are.
  public let lengths: Int?
  /// What it reads besides its input, where it is a `MemoryLayer`; else nil.
  public let memory: Memory?
  /// Its number among the layers of the network, from 0, those in branches counted where they stand: part of the key
  /// of its random numbers, and its place in `Lane.saved` and `Lane.scratch`.
  public let index: Int

  /// The same for a layer inside of another one, which has some of its slots.
  func with(slots: [Int]) -> Binding {
    Binding(
      microBatch: microBatch, inputShape: inputShape, outputShape: outputShape, precision: precision,
      inputFormat: inputFormat, outputFormat: outputFormat, input: input, output: output, slots: slots,
      begunSlots: begunSlots.intersection(slots), wantsInputGradient: wantsInputGradient, lengths: lengths,
      memory: memory, index: index)
  }
}

/// A layer with places: forward overwrites its output, backward its input's gradient and its parameters' gradients.
public protocol BoundLayer: Sendable {
  /// Memory that it wants besides its tensors.
  var workspace: Workspace { get }

  /// Places of slots, tables of so wide rows, of whose gradients backward writes few rows where `Lane.touched` has one for
  /// them, and all where not.
  var sparseSlots: [(slot: Int, width: Int)] { get }

  /// Whether it asks `Lane.learns` and writes no gradient of slots that do not learn. Others are given memory for these, which
  /// nobody reads.
  var leavesFrozenSlots: Bool { get }

  func forward(_ lane: borrowing Lane)
  func backward(_ lane: borrowing Lane)
}

extension BoundLayer {
  public var workspace: Workspace { Workspace() }
  public var sparseSlots: [(slot: Int, width: Int)] { [] }
  public var leavesFrozenSlots: Bool { false }
}
