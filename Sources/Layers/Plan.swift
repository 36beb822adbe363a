import Diagnostics
import Kernels
import Tensors

/// A network bound to a micro-batch: the layout of the parameters, the places of all tensors, the bound layers.
///
/// Made once; lanes made from it allocate all their memory at once, and their passes allocate nothing.
public struct Plan: Sendable {
  public let network: Network
  /// Samples a pass.
  public let microBatch: Int
  /// The shape of one sample after each layer.
  public let shapes: [Shape]
  /// The one table of the parameters.
  public let layout: ParameterLayout
  /// What each slot of the layout starts as, in the layout's order.
  let parameters: [Parameter]
  private let bound: [any BoundLayer]
  /// Places of the values; nil where a value is the input itself, which lies outside of the arena.
  private let valueOffsets: [Int?]
  private let gradientOffsets: [Int]
  /// Floats of one lane's activations and their gradients.
  public let arenaCount: Int

  init(_ network: Network, microBatch: Int) throws {
    precondition(microBatch > 0, "a micro-batch has at least one sample, found \(microBatch)")
    self.network = network
    self.microBatch = microBatch
    let shapes = try network.shapes()
    self.shapes = shapes
    let inputs = [network.input] + shapes.dropLast()

    var (layout, parameters, bound) = (ParameterLayout(), [Parameter](), [any BoundLayer]())
    for (index, layer) in network.layers.enumerated() {
      let wantsInputGradient = !parameters.isEmpty
      var slots: [Int] = []
      for parameter in layer.parameters(for: inputs[index]) {
        slots.append(layout.append("\(index).\(parameter.name)", parameter.shape))
        parameters.append(parameter)
      }
      bound.append(
        layer.bind(
          Binding(
            microBatch: microBatch, inputShape: inputs[index], outputShape: shapes[index], input: index,
            output: index + 1, slots: slots, wantsInputGradient: wantsInputGradient, index: index)))
    }
    self.layout = layout
    self.parameters = parameters
    self.bound = bound
    (valueOffsets, gradientOffsets, arenaCount) = Self.places(network, shapes, microBatch)
  }

  /// Offsets of values and gradients in a lane's arena.
  ///
  /// Layer i runs forward at time i and backward at time 2n - i; the loss is at time n.
  private static func places(
    _ network: Network, _ shapes: [Shape], _ microBatch: Int
  ) -> (values: [Int?], gradients: [Int], count: Int) {
    let n = network.layers.count
    var planner = MemoryPlanner()
    var value: [Int?] = [nil]
    func extend(_ tensor: Int?, to time: Int) {
      if let tensor { planner.extend(tensor, to: time) }
    }
    var previousReads: BackwardReads = []
    for (index, layer) in network.layers.enumerated() {
      let shared =
        switch layer.placement {
        case .alias: true
        case .inPlace: !previousReads.contains(.output) && !layer.backwardReads.contains(.input)
        case .apart: false
        }
      value.append(
        shared ? value[index] : planner.add(count: shapes[index].count * microBatch, first: index, last: index))
      extend(value[index], to: index)
      extend(value[index + 1], to: index + 1)
      if layer.backwardReads.contains(.input) { extend(value[index], to: 2 * n - index) }
      if layer.backwardReads.contains(.output) { extend(value[index + 1], to: 2 * n - index) }
      // What an alias hands on, the layer before it wrote: its needs are those of the memory.
      previousReads = layer.placement == .alias ? previousReads.union(layer.backwardReads) : layer.backwardReads
    }
    var gradient = Array(repeating: 0, count: n + 1)
    gradient[n] = planner.add(count: (shapes.last ?? network.input).count * microBatch, first: n, last: n)
    for index in stride(from: n - 1, through: 0, by: -1) {
      let time = 2 * n - index
      planner.extend(gradient[index + 1], to: time)
      let shape = index == 0 ? network.input : shapes[index - 1]
      gradient[index] =
        network.layers[index].placement == .apart
        ? planner.add(count: shape.count * microBatch, first: time, last: time) : gradient[index + 1]
    }
    let (offsets, count) = planner.place()
    return (value.map { $0.map { offsets[$0] } }, gradient.map { offsets[$0] }, count)
  }

  /// A lane on `parameters`, which it borrows: they must outlive it. `seed` keys what its layers draw.
  public func makeLane(parameters: FloatView, seed: UInt64) -> Lane {
    let arena = FlatBuffer(count: arenaCount)
    let counts = [network.input.count * microBatch] + shapes.map { $0.count * microBatch }
    return Lane(
      values: zip(valueOffsets, counts).map { offset, count in offset.map { arena.view[$0..<$0 + count] } },
      gradients: zip(gradientOffsets, counts).map { arena.view[$0..<$0 + $1] },
      parameters: parameters, layout: layout, random: Philox(seed: seed, purpose: .dropout), arena: arena)
  }

  /// Overwrites `lane.output` from the input, whose content may be lost.
  public func forward(_ lane: borrowing Lane) {
    for layer in bound { layer.forward(lane) }
  }

  /// Overwrites the lane's leaf from `lane.outputGradient`, whose content is lost.
  public func backward(_ lane: borrowing Lane) {
    for layer in bound.reversed() { layer.backward(lane) }
  }

  /// Overwrites the slots of `buffer` with their start values under `seed`.
  public func initialise(_ buffer: FloatView, seed: UInt64) {
    for (stream, (slot, parameter)) in zip(layout.slots, parameters).enumerated() {
      parameter.initialiser.fill(
        buffer[slot.range], seed: seed, stream: stream, fanIn: parameter.fanIn, fanOut: parameter.fanOut)
    }
  }
}
