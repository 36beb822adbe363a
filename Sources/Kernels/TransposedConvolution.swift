import CKernels
import Tensors

// `as` is the convolution whose input is what this one makes: H×W×O of P×Q×I, with W of I×(O/G)×K_H×K_W, as in PyTorch's
// ConvTranspose2d.

/// The passes of a transposed convolution, which are those of a convolution the other way round: forward is its gradient to the
/// input, backward to the input its forward pass, and the gradients of the weights are the same, with input and gradient exchanged.
///
/// Bits are those of these passes; the bias is added behind a chain. Where there is a bias outputs are floats.
package struct TransposedConvolutionKernel: ConvolutionPasses {
  private let kernel: ConvolutionKernel
  package let scratchCount: Int

  /// `shape` is the convolution that makes inputs of outputs: its `input` is this one's output.
  package init(as shape: ConvolutionShape) {
    kernel = ConvolutionKernel(shape)
    // For the sums of the bias's gradient too.
    scratchCount = max(kernel.scratchCount, 2 * shape.inputChannels)
  }

  /// Overwrites `y`; with a bias it is of floats.
  package func forward(_ x: TensorView, weight: FloatView, bias: FloatView?, into y: TensorView, scratch: FloatView) {
    kernel.check(y, x, weight, nil, scratch)
    guard let crew = Crew.current else {
      kernel.backwardData(x.base, weight.base, into: y.base, samples: kernel.shape.samples, scratch.base)
      if let bias { addBias(bias, to: y) }
      return
    }
    Crew.split(
      kernel.shape.samples, cost: kernel.cost, rounds: crew.size > 2 ? 2 : 1,
      over: (kernel, x.base, weight.base, y.base)
    ) { task, part in
      let (kernel, x, weight, y) = task
      kernel.backwardData(
        x + part.lowerBound * kernel.outputBytes, weight, into: y + part.lowerBound * kernel.inputBytes,
        samples: part.count, ck_thread_memory(Int64(kernel.scratchCount)))
    }
    if let bias { addBias(bias, to: y) }
  }

  package func backward(
    _ x: TensorView, _ dy: TensorView, weight: FloatView, into dweight: FloatView, _ dbias: FloatView?,
    _ dx: TensorView?, scratch: FloatView
  ) {
    kernel.backwardWeights(dy, x, weight: dweight, bias: nil, scratch: scratch)
    if let dbias { sumPixels(of: dy, into: dbias, scratch) }
    if let dx { backwardData(dy, weight: weight, into: dx, scratch: scratch) }
  }

  package func backwardData(_ dy: TensorView, weight: FloatView, into dx: TensorView, scratch: FloatView) {
    kernel.forward(dy, weight: weight, bias: nil, into: dx, scratch: scratch)
  }

  private func addBias(_ bias: FloatView, to y: TensorView) {
    guard case .float32(let y) = y else { preconditionFailure("with a bias outputs are floats") }
    Kernels.addBias(bias, to: y)
  }

  /// 32 pixels at a time in float, and these sums in double, as a convolution's.
  private func sumPixels(of dy: TensorView, into dbias: FloatView, _ scratch: FloatView) {
    let C = dbias.count
    let sums = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: Double.self)
    switch dy {
    case .float32(let dy): ck_channel_sums(sums, dy.base, Int64(dy.count / C), Int64(C))
    case .bfloat16(let dy): ck_bfloat16_channel_sums(sums, dy.base, Int64(dy.count / C), Int64(C))
    }
    for c in 0..<C { dbias[c] = Float(sums[c]) }
  }
}
