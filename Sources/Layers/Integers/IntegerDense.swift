import Kernels
import Tensors

// N rows, I inputs, O outputs.

extension Dense: IntegerLayer {
  package func integerProducts(for input: Shape, memory: Shape?) -> [IntegerProduct] {
    guard let inputs = input.extents.last, inputs > 0 else { return [] }
    return IntegerProduct.checked([
      IntegerProduct(name: nil, slot: 0, inputs: inputs, outputs: units, rows: input.count / inputs)
    ])
  }

  package func bindToIntegers(_ binding: Binding) -> any BoundLayer {
    BoundIntegerDense(
      x: binding.input, y: binding.output, bias: hasBias ? binding.slots[1] : nil,
      index: binding.index,
      N: binding.microBatch * binding.outputShape.count / units,
      I: binding.inputShape.extents.last!,
      isRowwise: binding.inputShape.rank == 2)
  }
}

private struct BoundIntegerDense: RowwiseLayer {
  let x: Int, y: Int
  let bias: Int?
  let index: Int
  let N: Int, I: Int
  let isRowwise: Bool

  /// The rows as bytes.
  var workspace: Workspace { Workspace(forward: IntegerWeights.scratch(rows: N, inputs: I)) }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    lane.integers(index).multiply(
      rows.of(lane.values[x]), bias: bias.map { lane.parameters[$0] },
      into: rows.of(lane.values[y]),
      scratch: lane.forwardScratch[index])
  }

  func backward(_ lane: borrowing Lane) { preconditionFailure("a plan of whole numbers does not train") }
}
