import Tensors

/// A named, shaped part of an optimizer's state.
public struct StateSlot: Hashable, Sendable {
  /// How many numbers it has, and who keeps them.
  public enum Extent: Hashable, Sendable {
    /// One a parameter, in the layout of the parameters: each rank keeps those of the parameters that it owns. A
    /// checkpoint has a tensor for each of the parameters' slots: `m.0.weight`.
    case sharded
    /// As many as a shape of its own counts, row-major, zeros at first: every rank keeps all of them, and all ranks must
    /// compute the same bits. A checkpoint has one tensor.
    case replicated(Shape)
  }

  /// In a checkpoint: the tensor's name, or where it is sharded what stands before those of the parameters' slots.
  public let name: String
  /// How much of it there is, and with whom.
  public let extent: Extent

  /// A name of its own among those of the optimizer.
  public init(_ name: String, _ extent: Extent) { (self.name, self.extent) = (name, extent) }

  /// One number for each parameter.
  public static func sharded(_ name: String) -> StateSlot { StateSlot(name, .sharded) }

  /// Numbers of a shape of its own.
  public static func replicated(_ name: String, _ shape: Shape) -> StateSlot { StateSlot(name, .replicated(shape)) }

  /// Whether each owner has the part of its parameters.
  public var isSharded: Bool { extent == .sharded }

  /// Floats over all ranks, each counted once: for parameters that are laid out so. What is frozen has none.
  public func count(for layout: ParameterLayout) -> Int {
    switch extent {
    case .sharded: layout.trainedCount
    case .replicated(let shape): shape.count
    }
  }
}
