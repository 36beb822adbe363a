import Kernels
import Tensors

// Letters as in Recurrence.swift; W = D H, C columns of what a layer reads, I or W. Inside of it all matrices are position by position.

/// Recurrent layers upon each other, with places.
struct BoundRecurrence: RowwiseLayer {
  private let cell: RecurrentCell
  private let form: RecurrentForm
  private let binding: Binding
  /// B
  private let B: Int
  /// T
  private let T: Int
  private let I: Int
  /// Of each layer, direction by direction.
  private let kernels: [RecurrenceKernel]
  private let saved: RecurrencePlaces
  private let during: RecurrenceScratch

  init(_ cell: RecurrentCell, _ form: RecurrentForm, _ binding: Binding) {
    let (B, T) = (binding.microBatch, binding.inputShape[0])
    (self.cell, self.form, self.binding, self.B, self.T, I) = (cell, form, binding, B, T, binding.inputShape[1])
    kernels = (0..<form.directions).map {
      RecurrenceKernel(
        cell, samples: B, positions: T, hidden: form.units, width: form.width, column: $0 * form.units,
        isReversed: $0 == 1, precision: binding.precision)
    }
    saved = RecurrencePlaces(
      kernels[0], form, input: binding.inputFormat.floats(B * T * binding.inputShape[1]), rows: B * T)
    during = RecurrenceScratch(kernels[0], rows: B * T, columns: max(form.width, binding.inputShape[1]))
  }

  var isRowwise: Bool { form.returned == .sequence && !form.isBidirectional }

  var workspace: Workspace {
    Workspace(saved: saved.end, forward: kernels[0].forwardScratch, backward: during.end)
  }

  private func walk(_ layer: Int, _ direction: Int) -> Int { layer * form.directions + direction }

  /// Places of the slots of a direction of a layer: the weights of inputs and of states, and their biases.
  private func slots(_ walk: Int) -> (inputs: Int, states: Int, inputBias: Int?, stateBias: Int?) {
    let first = walk * (form.hasBias ? 4 : 2), slots = binding.slots
    return (
      slots[first], slots[first + 1], form.hasBias ? slots[first + 2] : nil, form.hasBias ? slots[first + 3] : nil
    )
  }

  private func memory(_ lane: borrowing Lane, _ layer: Int, _ direction: Int) -> RecurrenceMemory {
    let (view, walk) = (lane.saved[binding.index], walk(layer, direction))
    return RecurrenceMemory(
      gates: view[saved.gates[walk]], outputs: view[saved.outputs[layer]], kept: view[saved.kept[walk]])
  }

  private func columns(_ layer: Int) -> Int { layer == 0 ? I : form.width }

  /// The outputs of a layer without the blocks beside them.
  private func outputs(_ lane: borrowing Lane, _ layer: Int) -> FloatView {
    let outputs = lane.saved[binding.index][saved.outputs[layer]]
    return outputs[B * form.width..<(T + 1) * B * form.width]
  }

  /// What a layer reads.
  private func input(_ lane: borrowing Lane, _ layer: Int) -> TensorView {
    guard layer > 0 else {
      return TensorView(lane.saved[binding.index][saved.input], binding.inputFormat, count: T * B * I)
    }
    return .float32(
      drops(lane) == nil ? outputs(lane, layer - 1) : lane.saved[binding.index][saved.dropped[layer - 1]])
  }

  /// Step and place in the batch where outputs are dropped between layers.
  private func drops(_ lane: borrowing Lane) -> (step: Int, first: Int)? {
    guard form.dropout > 0, case .training(let step, let firstPosition) = lane.mode else { return nil }
    return (step, firstPosition)
  }

  /// In place or not. Layers of a network are fewer than 2²⁴.
  private func drop(
    _ lane: borrowing Lane, _ drops: (step: Int, first: Int), above layer: Int, _ rows: FloatView,
    into target: FloatView
  ) {
    Kernels.dropout(
      rows, samples: B, positions: T, rate: form.dropout, random: lane.random, layer: binding.index + (layer + 1) << 24,
      first: drops.first, step: drops.step, into: target)
  }

  private func lengths(_ lane: borrowing Lane) -> UnsafePointer<Int32>? {
    binding.lengths.map { lane.lengths[$0].elements }
  }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let range = rows.range(in: T)
    let ownRows = range.lowerBound * B..<range.upperBound * B
    let x = input(lane, 0)
    if rows.areAll {
      Kernels.regroup(lane.tensor(binding.input), groups: B, of: T, into: x)
    } else {
      Kernels.copy(rows.of(lane.tensor(binding.input)), into: x[ownRows.lowerBound * I..<ownRows.upperBound * I])
    }
    for layer in 0..<form.layers {
      if layer > 0, let drops = drops(lane) {
        drop(
          lane, drops, above: layer - 1, outputs(lane, layer - 1),
          into: lane.saved[binding.index][saved.dropped[layer - 1]])
      }
      for direction in 0..<form.directions { forward(lane, layer, direction, range, ownRows) }
    }
    switch form.returned {
    case .last: giveLast(lane)
    case .sequence:
      let (y, last) = (lane.tensor(binding.output), outputs(lane, form.layers - 1))
      if rows.areAll {
        Kernels.regroup(.float32(last), groups: T, of: B, into: y)
      } else {
        let part = ownRows.lowerBound * form.width..<ownRows.upperBound * form.width
        Kernels.copy(.float32(last[part]), into: rows.of(y))
      }
    }
  }

  private func forward(
    _ lane: borrowing Lane, _ layer: Int, _ direction: Int, _ range: Range<Int>, _ ownRows: Range<Int>
  ) {
    let (kernel, memory, C) = (kernels[direction], memory(lane, layer, direction), columns(layer))
    let (slots, GH) = (slots(walk(layer, direction)), kernel.gateWidth)
    if range.lowerBound == 0 { kernel.begin(memory) }
    let x = input(lane, layer)[ownRows.lowerBound * C..<ownRows.upperBound * C]
    let weight = Matrix(lane.parameters[slots.inputs], rows: GH, columns: C)
    Kernels.multiply(
      Matrix(x, rows: ownRows.count, columns: C), weight.transposed,
      into: Matrix(memory.gates[ownRows.lowerBound * GH..<ownRows.upperBound * GH], rows: ownRows.count, columns: GH),
      in: binding.precision, bias: slots.inputBias.map { lane.parameters[$0] },
      packed: lane.packed(slots.inputs, isTransposed: true))
    kernel.forward(
      memory, positions: range, weight: Matrix(lane.parameters[slots.states], rows: GH, columns: form.units),
      bias: slots.stateBias.map { lane.parameters[$0] }, lengths: lengths(lane),
      scratch: lane.forwardScratch[binding.index])
  }

  /// Block of outputs, from 0 on with the zeros before the first position, of a sample's last state in a direction.
  private func lastBlock(_ lane: borrowing Lane, _ sample: Int, _ direction: Int) -> Int {
    let length = binding.lengths.map { lane.lengths[$0][sample] } ?? T
    // Of a sequence without positions, block 1 has zeros as block 0 does.
    return direction == 0 ? length : 1
  }

  private func giveLast(_ lane: borrowing Lane) {
    let (H, W) = (form.units, form.width)
    let outputs = lane.saved[binding.index][saved.outputs[form.layers - 1]]
    for sample in 0..<B {
      for direction in 0..<form.directions {
        let first = (lastBlock(lane, sample, direction) * B + sample) * W + direction * H
        let to = sample * W + direction * H
        Kernels.copy(.float32(outputs[first..<first + H]), into: lane.tensor(binding.output)[to..<to + H])
      }
    }
  }

  /// Overwrites the gradients of the last layer's outputs.
  private func takeGradient(_ lane: borrowing Lane, into dy: FloatView) {
    let (H, W, given) = (form.units, form.width, lane.gradient(binding.output))
    guard form.returned == .last else { return Kernels.regroup(given, groups: B, of: T, into: .float32(dy)) }
    dy.clear()
    for sample in 0..<B {
      for direction in 0..<form.directions {
        let block = lastBlock(lane, sample, direction)
        guard block > 0 else { continue }
        let first = ((block - 1) * B + sample) * W + direction * H, from = sample * W + direction * H
        Kernels.copy(given[from..<from + H], into: .float32(dy[first..<first + H]))
      }
    }
  }

  func backward(_ lane: borrowing Lane) {
    let scratch = lane.backwardScratch[binding.index], N = T * B
    var (above, below) = (scratch[during.upper], scratch[during.lower])
    takeGradient(lane, into: above[0..<N * form.width])
    for layer in (0..<form.layers).reversed() {
      let C = columns(layer), wantsInput = layer > 0 || binding.wantsInputGradient
      let dx = below[0..<N * C]
      for direction in 0..<form.directions {
        backward(
          lane, layer, direction, dy: above[0..<N * form.width], into: wantsInput ? dx : nil, scratch[during.kernel])
      }
      if layer > 0, let drops = drops(lane) { drop(lane, drops, above: layer - 1, dx, into: dx) }
      (above, below) = (below, above)
    }
    guard binding.wantsInputGradient else { return }
    Kernels.regroup(.float32(above[0..<N * I]), groups: T, of: B, into: lane.gradient(binding.input))
  }

  /// The gradients of a direction's slots; that of what it reads is overwritten by the first direction, and goes on with the second.
  private func backward(
    _ lane: borrowing Lane, _ layer: Int, _ direction: Int, dy: FloatView, into dx: FloatView?, _ scratch: FloatView
  ) {
    let (kernel, memory, C) = (kernels[direction], memory(lane, layer, direction), columns(layer))
    let (slots, GH, N, precision) = (slots(walk(layer, direction)), kernel.gateWidth, T * B, binding.precision)
    kernel.backward(
      memory, dy: dy, weight: Matrix(lane.parameters[slots.states], rows: GH, columns: form.units),
      lengths: lengths(lane), scratch: scratch)
    let dgates = Matrix(memory.gates, rows: N, columns: GH)
    if learns(lane, slots.inputs, slots.inputBias) {
      Kernels.multiply(
        dgates.transposed, Matrix(input(lane, layer), rows: N, columns: C),
        into: Matrix(lane.parameterGradients[slots.inputs], rows: GH, columns: C), in: precision,
        rowSums: slots.inputBias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    }
    if learns(lane, slots.states, slots.stateBias) {
      let dsums = Matrix(kernel.stateGradients(memory, scratch: scratch), rows: N, columns: GH)
      Kernels.multiply(
        dsums.transposed, kernel.statesBefore(memory.outputs),
        into: Matrix(lane.parameterGradients[slots.states], rows: GH, columns: form.units), in: precision,
        rowSums: slots.stateBias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    }
    guard let dx else { return }
    let weight = Matrix(lane.parameters[slots.inputs], rows: GH, columns: C)
    Kernels.multiply(
      dgates, weight, into: Matrix(dx, rows: N, columns: C), adds: direction > 0, in: precision,
      packed: lane.packed(slots.inputs, isTransposed: false))
  }

  /// Whether either learns: both gradients come of one product.
  private func learns(_ lane: borrowing Lane, _ weight: Int, _ bias: Int?) -> Bool {
    lane.learns(weight) || (bias.map { lane.learns($0) } ?? false)
  }
}

extension BoundRecurrence: WeightProductLayer {
  /// Those with inputs; a pass packs the weights of states for its own steps.
  var weightProducts: [WeightProduct] {
    (0..<form.layers).flatMap { layer in
      (0..<form.directions).flatMap { direction in
        [true, false].filter { $0 || layer > 0 || binding.wantsInputGradient }.map {
          WeightProduct(
            slot: slots(walk(layer, direction)).inputs, rows: cell.gates * form.units, columns: columns(layer),
            isTransposed: $0, otherRows: T * B)
        }
      }
    }
  }
}
