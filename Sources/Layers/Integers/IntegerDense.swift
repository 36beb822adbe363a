import Kernels
import Tensors

// N rows, I inputs, O outputs.

extension Dense: IntegerLayer {
  package func integerInputs(for input: Shape) -> Int? {
    input.extents.last.flatMap { 1...IntegerWeights.mostInputs ~= $0 ? $0 : nil }
  }

  package func integerRows(_ weight: FloatView, for input: Shape) -> [Float] { weight.array }
  package var integerOutputs: Int { units }

  package func bindToIntegers(_ binding: Binding) -> any BoundLayer {
    BoundIntegerDense(
      x: binding.input, y: binding.output, bias: hasBias ? binding.slots[1] : nil, index: binding.index,
      N: binding.microBatch * binding.outputShape.count / units, I: binding.inputShape.extents.last!)
  }
}

private struct BoundIntegerDense: BoundLayer {
  let x: Int, y: Int
  let bias: Int?
  let index: Int
  let N: Int, I: Int

  /// The rows as bytes.
  var workspace: Workspace { Workspace(forward: (N * IntegerWeights.rowBytes(I) + 3) / 4) }

  func forward(_ lane: borrowing Lane) {
    let weights = lane.integers(index)
    let bytes = UnsafeMutableRawPointer(lane.forwardScratch[index].base).assumingMemoryBound(to: UInt8.self)
    weights.round(lane.values[x].base, rows: N, into: bytes)
    weights.multiply(bytes, rows: N, bias: bias.map { lane.parameters[$0] }, into: lane.values[y].base)
  }

  func backward(_ lane: borrowing Lane) { preconditionFailure("a plan of whole numbers does not train") }
}
