import Kernels
import Tensors

extension Convolution: IntegerLayer {
  /// Of one group: a depthwise one has few numbers in a row.
  package func integerProducts(for input: Shape, memory: Shape?) -> [IntegerProduct] {
    guard groups == 1 else { return [] }
    let output = window.output(for: input.plane)
    return IntegerProduct.checked([
      IntegerProduct(
        name: nil, slot: 0, inputs: IntegerConvolution.inputs(window, channels: input[2]),
        outputs: channels,
        rows: output.height * output.width)
    ])
  }

  package func integerRows(_ weight: FloatView, for input: Shape) -> [Float] {
    IntegerConvolution.rows(weight, outputs: channels, channels: input[2])
  }

  package func bindToIntegers(_ binding: Binding) -> any BoundLayer {
    let shape = ConvolutionShape(
      samples: binding.microBatch, input: binding.inputShape.plane, inputChannels: binding.inputShape[2],
      outputChannels: channels, window: window, groups: groups, hasBias: hasBias)
    return BoundIntegerConvolution(
      kernel: IntegerConvolution(shape), x: binding.input, y: binding.output,
      bias: hasBias ? binding.slots[1] : nil, index: binding.index)
  }
}

private struct BoundIntegerConvolution: BoundLayer {
  let kernel: IntegerConvolution
  let x: Int, y: Int
  let bias: Int?
  let index: Int

  /// A sample as bytes, and some of its windows.
  var workspace: Workspace { Workspace(forward: kernel.scratchCount) }

  func forward(_ lane: borrowing Lane) {
    kernel.forward(
      lane.values[x], by: lane.integers(index), bias: bias.map { lane.parameters[$0] }, into: lane.values[y],
      scratch: lane.forwardScratch[index])
  }

  func backward(_ lane: borrowing Lane) { preconditionFailure("a plan of whole numbers does not train") }
}
