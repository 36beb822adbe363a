import CKernels
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

/// The three passes of one convolution, by chains of fused multiply-adds or by `WinogradConvolution` where that is quicker: which
/// of them is a function of the shape alone. Made once, shared by all lanes, never changed.
///
/// The bits depend on the shape alone: `CKernelsConvolutions.h` has the formulas. Arguments share no memory; `scratch` holds
/// `scratchCount` floats, 64-byte aligned, whose content does not matter.
package struct ConvolutionKernel: Sendable {
  package let shape: ConvolutionShape
  private let winograd: WinogradConvolution?
  private let windows: ck_convolution
  /// Floats of scratch memory that any of the passes needs.
  package let scratchCount: Int

  package init(_ shape: ConvolutionShape) {
    self.shape = shape
    winograd = WinogradConvolution(shape)
    var windows = ck_convolution(
      samples: Int64(shape.samples), input: shape.input.axes, inputChannels: Int64(shape.inputChannels),
      output: shape.output.axes, outputChannels: Int64(shape.outputChannels), kernel: shape.window.kernel.axes,
      stride: shape.window.stride.axes, dilation: shape.window.dilation.axes,
      padding: shape.window.padding(for: shape.input).before.axes, groups: Int64(shape.groups))
    scratchCount = winograd?.scratchCount ?? Int(ck_convolution_scratch(&windows))
    self.windows = windows
  }

  /// Whether Winograd's algorithm computes it, whose sums are other ones.
  package var isWinograd: Bool { winograd != nil }

  /// Overwrites `y` with the convolution of `x`.
  package func forward(_ x: FloatView, weight: FloatView, bias: FloatView?, into y: FloatView, scratch: FloatView) {
    check(x, y, weight, bias, scratch)
    if let winograd { return winograd.forward(x, weight: weight, bias: bias, into: y, scratch: scratch) }
    withUnsafePointer(to: windows) {
      ck_convolution_forward(y.base, x.base, weight.base, bias?.base, $0, scratch.base)
    }
  }

  /// Overwrites `dx` with the gradient of the input.
  package func backwardData(_ dy: FloatView, weight: FloatView, into dx: FloatView, scratch: FloatView) {
    check(dx, dy, weight, nil, scratch)
    if let winograd { return winograd.backwardData(dy, weight: weight, into: dx, scratch: scratch) }
    withUnsafePointer(to: windows) { ck_convolution_backward_data(dx.base, dy.base, weight.base, $0, scratch.base) }
  }

  /// Overwrites `dweight` and, where there is one, `dbias` with the gradients summed over all samples.
  package func backwardWeights(
    _ x: FloatView, _ dy: FloatView, weight dweight: FloatView, bias dbias: FloatView?, scratch: FloatView
  ) {
    check(x, dy, dweight, dbias, scratch)
    if let winograd { return winograd.backwardWeights(x, dy, weight: dweight, bias: dbias, scratch: scratch) }
    withUnsafePointer(to: windows) {
      ck_convolution_backward_weights(dweight.base, dbias?.base, x.base, dy.base, $0, scratch.base)
    }
  }

  private func check(_ x: FloatView, _ y: FloatView, _ weight: FloatView, _ bias: FloatView?, _ scratch: FloatView) {
    precondition(
      x.count == shape.inputCount && y.count == shape.outputCount && weight.count == shape.weightCount,
      "\(x.count) inputs, \(y.count) outputs and \(weight.count) weights for \(shape)")
    precondition(bias == nil || bias!.count == shape.outputChannels, "\(bias!.count) biases for \(shape)")
    precondition(scratch.count >= scratchCount, "\(scratch.count) floats of scratch for \(scratchCount)")
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
