import Tensors

/// One lane's memory: what a single-threaded forward and backward pass of one micro-batch reads and writes.
///
/// Parameters are shared between lanes; activations belong to the lane; the gradient leaf is put in by whoever runs
/// the pass. Tables are indexed by the places that `Binding` holds.
public struct Lane: ~Copyable, @unchecked Sendable {
  /// The input of the network and the outputs of its layers, B × shape each.
  public fileprivate(set) var values: [FloatView]
  /// The gradients of the same tensors.
  public fileprivate(set) var gradients: [FloatView]
  /// The slots of the parameters.
  public let parameters: [FloatView]
  /// The slots of the gradient leaf that backward overwrites.
  public fileprivate(set) var parameterGradients: [FloatView]
  /// What dropout draws from.
  public let random: Philox
  /// Whether the pass trains, and where in the run it is.
  public fileprivate(set) var mode: Mode
  /// How many of the first values are the input under another shape.
  private let inputPlaces: Int
  private let layout: ParameterLayout

  /// Whether a pass trains or evaluates.
  public enum Mode: Sendable {
    case evaluation
    /// The step, from 0, and the position in the batch of the micro-batch's first sample.
    case training(step: Int, firstPosition: Int)
  }

  init(
    values: [FloatView?], gradients: [FloatView], parameters: FloatView, layout: ParameterLayout, random: Philox,
    arena: FlatBuffer
  ) {
    let empty = arena.view[0..<0]
    self.values = values.map { $0 ?? empty }
    inputPlaces = values.prefix { $0 == nil }.count
    self.gradients = gradients
    self.parameters = layout.slots.map { parameters[$0.range] }
    parameterGradients = []
    self.random = random
    self.layout = layout
    mode = .evaluation
    parameterGradients.reserveCapacity(layout.slots.count)
  }

  /// The output of the network.
  public var output: FloatView { values[values.count - 1] }
  /// The gradient of the loss with respect to the output: the loss writes it before backward.
  public var outputGradient: FloatView { gradients[gradients.count - 1] }

  /// Chooses the input of the next pass, B × shape, which the pass may overwrite; allocates nothing.
  public mutating func setInput(_ input: FloatView) {
    for place in 0..<inputPlaces { values[place] = input }
  }

  /// Chooses the flat buffer that backward writes its leaf to; allocates nothing.
  public mutating func setLeaf(_ leaf: FloatView) {
    parameterGradients.removeAll(keepingCapacity: true)
    for slot in layout.slots { parameterGradients.append(leaf[slot.range]) }
  }

  public mutating func setMode(_ mode: Mode) { self.mode = mode }
}
