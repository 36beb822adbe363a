import COneDNN
import Diagnostics
import Tensors

/// The extents of a convolution of one micro-batch.
///
/// Samples are H×W×C, channels last; the weight is O×(I/G)×K_H×K_W and the bias O, as in PyTorch's `Conv2d`.
package struct ConvolutionShape: Sendable, Hashable {
  package var samples: Int
  package var input: Plane<Int>
  package var inputChannels: Int
  package var outputChannels: Int
  package var window: Window
  /// Input and output channels are cut into as many parts, each of which sees its own only.
  package var groups: Int
  package var hasBias: Bool

  package init(
    samples: Int, input: Plane<Int>, inputChannels: Int, outputChannels: Int, window: Window, groups: Int = 1,
    hasBias: Bool = true
  ) {
    self.samples = samples
    self.input = input
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.window = window
    self.groups = groups
    self.hasBias = hasBias
  }

  package var output: Plane<Int> { window.output(for: input) }
  /// Floats of all samples, and of the weight.
  package var inputCount: Int { samples * input.height * input.width * inputChannels }
  package var outputCount: Int { samples * output.height * output.width * outputChannels }
  package var weightCount: Int {
    outputChannels * inputChannels / groups * window.kernel.height * window.kernel.width
  }
}

/// The three passes of one convolution, by oneDNN's primitives or by `WinogradConvolution` where that is quicker: made
/// once, shared by all lanes, never changed. Which of them is a function of the shape alone.
package final class ConvolutionKernel: @unchecked Sendable {
  package let shape: ConvolutionShape
  fileprivate let winograd: WinogradConvolution?
  /// oneDNN's primitives; nil where they are not used.
  fileprivate let made: OpaquePointer?

  /// Makes the passes; throws where oneDNN cannot. From here on oneDNN works single-threaded in the calling thread.
  package init(_ shape: ConvolutionShape) throws {
    self.shape = shape
    winograd = WinogradConvolution(shape)
    guard winograd == nil else {
      made = nil
      return
    }
    let (before, after) = shape.window.padding(for: shape.input)
    var description = COneDNN_convolution_shape(
      samples: Int64(shape.samples), input: shape.input.axes, inputChannels: Int64(shape.inputChannels),
      output: shape.output.axes, outputChannels: Int64(shape.outputChannels), kernel: shape.window.kernel.axes,
      stride: shape.window.stride.axes, dilation: shape.window.dilation.axes, paddingBefore: before.axes,
      paddingAfter: after.axes, groups: Int64(shape.groups), hasBias: shape.hasBias ? 1 : 0)
    var made: OpaquePointer?
    let status = COneDNN_convolution_create(&made, &description)
    guard let made else {
      throw Failure(
        .internal, "oneDNN cannot make a convolution of \(shape): \(String(cString: COneDNN_status(status)))",
        cure: "use smaller channels or kernels, or another version of oneDNN")
    }
    self.made = made
  }

  deinit { if let made { COneDNN_convolution_destroy(made) } }

  /// Floats of scratch memory that any of the passes needs.
  package var scratchCount: Int {
    winograd?.scratchCount ?? Int(COneDNN_convolution_scratch(made)) / MemoryLayout<Float>.stride
  }

  /// Names of what computes forward, backward to the input and backward to the weights: oneDNN's own, such as `jit:avx2`,
  /// or `winograd`.
  package var implementations: [String] {
    if winograd != nil { return ["winograd", "winograd", "winograd"] }
    return (0..<Int32(COneDNN_PASSES)).map { String(cString: COneDNN_convolution_implementation(made, $0)) }
  }
}

/// One lane's handle on a convolution: one thread at a time runs passes through it.
///
/// The bits depend on the shape, on oneDNN's version and on the instruction set path; not on where the memory lies.
/// Arguments share no memory; `scratch` holds `scratchCount` floats, 64-byte aligned, whose content does not matter.
package final class ConvolutionWorker: @unchecked Sendable {
  private let kernel: ConvolutionKernel
  private let made: OpaquePointer?

  package init(_ kernel: ConvolutionKernel) {
    self.kernel = kernel
    guard kernel.winograd == nil else {
      made = nil
      return
    }
    var made: OpaquePointer?
    let status = COneDNN_convolution_worker_create(&made, kernel.made)
    guard let made else { preconditionFailure("a convolution's worker: \(String(cString: COneDNN_status(status)))") }
    self.made = made
  }

  deinit { if let made { COneDNN_convolution_worker_destroy(made) } }

  /// Overwrites `y` with the convolution of `x`.
  package func forward(_ x: FloatView, weight: FloatView, bias: FloatView?, into y: FloatView, scratch: FloatView) {
    check(x, y, weight, bias, scratch)
    if let winograd = kernel.winograd {
      return winograd.forward(x, weight: weight, bias: bias, into: y, scratch: scratch)
    }
    expect(COneDNN_convolution_forward(made, x.base, weight.base, bias?.base, y.base, scratch.base))
  }

  /// Overwrites `dx` with the gradient of the input.
  package func backwardData(_ dy: FloatView, weight: FloatView, into dx: FloatView, scratch: FloatView) {
    check(dx, dy, weight, nil, scratch)
    if let winograd = kernel.winograd {
      return winograd.backwardData(dy, weight: weight, into: dx, scratch: scratch)
    }
    expect(COneDNN_convolution_backward_data(made, dy.base, weight.base, dx.base, scratch.base))
  }

  /// Overwrites `dweight` and, where there is one, `dbias` with the gradients summed over all samples.
  package func backwardWeights(
    _ x: FloatView, _ dy: FloatView, weight dweight: FloatView, bias dbias: FloatView?, scratch: FloatView
  ) {
    check(x, dy, dweight, dbias, scratch)
    if let winograd = kernel.winograd {
      return winograd.backwardWeights(x, dy, weight: dweight, bias: dbias, scratch: scratch)
    }
    expect(COneDNN_convolution_backward_weights(made, x.base, dy.base, dweight.base, dbias?.base, scratch.base))
  }

  private func check(_ x: FloatView, _ y: FloatView, _ weight: FloatView, _ bias: FloatView?, _ scratch: FloatView) {
    let shape = kernel.shape
    precondition(
      x.count == shape.inputCount && y.count == shape.outputCount && weight.count == shape.weightCount,
      "\(x.count) inputs, \(y.count) outputs and \(weight.count) weights for \(shape)")
    precondition(bias == nil || bias!.count == shape.outputChannels, "\(bias!.count) biases for \(shape)")
    precondition(scratch.count >= kernel.scratchCount, "\(scratch.count) floats of scratch for \(kernel.scratchCount)")
  }

  private func expect(_ status: Int32) {
    precondition(status == 0, "oneDNN's convolution: \(String(cString: COneDNN_status(status)))")
  }
}

extension Plane<Int> {
  /// As the C shims have it: height, then width.
  var axes: (Int64, Int64) { (Int64(height), Int64(width)) }
}

extension ConvolutionShape: CustomStringConvertible {
  /// `64 samples of 26×26×32 to 64 channels by 3×3`
  package var description: String {
    "\(samples) samples of \(input)×\(inputChannels) to \(outputChannels) channels by \(window.kernel)"
  }
}
