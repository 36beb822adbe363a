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
  /// What factors are rounded to. Depthwise convolutions and Winograd's, which gain nothing by it, take them as they are.
  package var precision: NumberFormat
  /// What the numbers of the input and of its gradient are.
  package var inputFormat: NumberFormat
  /// The same of the output.
  package var outputFormat: NumberFormat

  package init(
    samples: Int, input: Plane<Int>, inputChannels: Int, outputChannels: Int, window: Window, groups: Int = 1,
    hasBias: Bool = true, precision: NumberFormat = .float32, inputFormat: NumberFormat = .float32,
    outputFormat: NumberFormat = .float32
  ) {
    self.samples = samples
    self.input = input
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.window = window
    self.groups = groups
    self.hasBias = hasBias
    self.precision = precision
    self.inputFormat = inputFormat
    self.outputFormat = outputFormat
  }

  package var output: Plane<Int> { window.output(for: input) }
  /// Numbers of all samples, and of the weight.
  package var inputCount: Int { samples * input.height * input.width * inputChannels }
  package var outputCount: Int { samples * output.height * output.width * outputChannels }
  package var weightCount: Int {
    outputChannels * inputChannels / groups * window.kernel.height * window.kernel.width
  }
}

/// The three passes of one convolution, by chains of fused multiply-adds or by `WinogradConvolution` where that is quicker: which
/// of them is a function of the shape alone. Made once, shared by all lanes, never changed.
///
/// The bits depend on the shape alone: `CKernelsConvolutions.h` has the formulas. Inputs, outputs and their gradients are of the numbers
/// that the shape says; those of bfloat16 are rounded once, when they are complete.
package struct ConvolutionKernel: ConvolutionPasses {
  package let shape: ConvolutionShape
  private let winograd: WinogradConvolution?
  private let windows: ck_convolution
  package let scratchCount: Int

  package init(_ shape: ConvolutionShape) {
    self.shape = shape
    winograd = WinogradConvolution(shape)
    var windows = ck_convolution(
      samples: Int64(shape.samples), input: shape.input.axes, inputChannels: Int64(shape.inputChannels),
      output: shape.output.axes, outputChannels: Int64(shape.outputChannels), kernel: shape.window.kernel.axes,
      stride: shape.window.stride.axes, dilation: shape.window.dilation.axes,
      padding: shape.window.padding(for: shape.input).before.axes, groups: Int64(shape.groups),
      isBFloat16: shape.precision == .bfloat16 ? 1 : 0, inputIsBFloat16: shape.inputFormat == .bfloat16 ? 1 : 0,
      outputIsBFloat16: shape.outputFormat == .bfloat16 ? 1 : 0)
    scratchCount = winograd?.scratchCount ?? Int(ck_convolution_scratch(&windows))
    self.windows = windows
  }

  /// Whether Winograd's algorithm computes it, whose sums are other ones.
  package var isWinograd: Bool { winograd != nil }

  package func forward(_ x: TensorView, weight: FloatView, bias: FloatView?, into y: TensorView, scratch: FloatView) {
    check(x, y, weight, bias, scratch)
    guard let crew = Crew.current else {
      return forward(x.base, weight.base, bias?.base, into: y.base, samples: shape.samples, scratch.base)
    }
    Crew.split(
      shape.samples, cost: cost, rounds: crew.size > 2 ? 2 : 1, over: (self, x.base, weight.base, bias?.base, y.base)
    ) { task, part in
      let (kernel, x, weight, bias, y) = task
      kernel.forward(
        x + part.lowerBound * kernel.inputBytes, weight, bias, into: y + part.lowerBound * kernel.outputBytes,
        samples: part.count, ck_thread_memory(Int64(kernel.scratchCount)))
    }
  }

  package func backward(
    _ x: TensorView, _ dy: TensorView, weight: FloatView, into dweight: FloatView, _ dbias: FloatView?,
    _ dx: TensorView?, scratch: FloatView
  ) {
    guard let crew = Crew.current, let dx else {
      backwardWeights(x, dy, weight: dweight, bias: dbias, scratch: scratch)
      if let dx { backwardData(dy, weight: weight, into: dx, scratch: scratch) }
      return
    }
    check(x, dy, dweight, dbias, scratch)
    check(dx, dy, weight, nil, scratch)
    // Chains over all samples stay one thread's, while the others take samples of what has none.
    let others = max(1, crew.size - 1)
    Crew.split(
      1 + others, cost: 2 * cost,
      over: (self, x.base, dy.base, weight.base, dweight.base, dbias?.base, dx.base, scratch.base, others)
    ) { task, parts in
      let (kernel, x, dy, weight, dweight, dbias, dx, scratch, others) = task
      for part in parts {
        guard part > 0 else {
          kernel.backwardWeights(x, dy, weight: dweight, bias: dbias, scratch)
          continue
        }
        let all = kernel.shape.samples
        let (first, end) = ((part - 1) * all / others, part * all / others)
        guard first < end else { continue }
        kernel.backwardData(
          dy + first * kernel.outputBytes, weight, into: dx + first * kernel.inputBytes, samples: end - first,
          ck_thread_memory(Int64(kernel.scratchCount)))
      }
    }
  }

  package func backwardData(_ dy: TensorView, weight: FloatView, into dx: TensorView, scratch: FloatView) {
    check(dx, dy, weight, nil, scratch)
    backwardData(dy.base, weight.base, into: dx.base, samples: shape.samples, scratch.base)
  }

  /// Overwrites `dweight` and, where there is one, `dbias` with the gradients summed over all samples.
  package func backwardWeights(
    _ x: TensorView, _ dy: TensorView, weight dweight: FloatView, bias dbias: FloatView?, scratch: FloatView
  ) {
    check(x, dy, dweight, dbias, scratch)
    backwardWeights(x.base, dy.base, weight: dweight.base, bias: dbias?.base, scratch.base)
  }

  /// Bytes of a sample.
  var inputBytes: Int { shape.inputCount / shape.samples * shape.inputFormat.size }
  var outputBytes: Int { shape.outputCount / shape.samples * shape.outputFormat.size }

  /// About how many nanoseconds a core takes for one pass.
  var cost: Int { shape.weightCount / shape.outputChannels * shape.outputCount / 50 }

  /// Overwrites the outputs of so many samples, from the first one of `x` and `y` on.
  func forward(
    _ x: UnsafeRawPointer, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    into y: UnsafeMutableRawPointer, samples: Int, _ scratch: UnsafeMutablePointer<Float>
  ) {
    if let winograd {
      return winograd.forward(x, weight: weight, bias: bias, into: y, samples: samples, scratch: scratch)
    }
    var windows = windows
    windows.samples = Int64(samples)
    ck_convolution_forward(y, x, weight, bias, &windows, scratch)
  }

  /// Overwrites the gradients of the inputs of so many samples, from the first one of `dy` and `dx` on.
  func backwardData(
    _ dy: UnsafeRawPointer, _ weight: UnsafePointer<Float>, into dx: UnsafeMutableRawPointer, samples: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    if let winograd {
      return winograd.backwardData(dy, weight: weight, into: dx, samples: samples, scratch: scratch)
    }
    var windows = windows
    windows.samples = Int64(samples)
    ck_convolution_backward_data(dx, dy, weight, &windows, scratch)
  }

  private func backwardWeights(
    _ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, weight dweight: UnsafeMutablePointer<Float>,
    bias dbias: UnsafeMutablePointer<Float>?, _ scratch: UnsafeMutablePointer<Float>
  ) {
    if let winograd { return winograd.backwardWeights(x, dy, weight: dweight, bias: dbias, scratch: scratch) }
    withUnsafePointer(to: windows) { ck_convolution_backward_weights(dweight, dbias, x, dy, $0, scratch) }
  }

  func check(_ x: TensorView, _ y: TensorView, _ weight: FloatView, _ bias: FloatView?, _ scratch: FloatView) {
    precondition(
      x.count == shape.inputCount && y.count == shape.outputCount && weight.count == shape.weightCount,
      "\(x.count) inputs, \(y.count) outputs and \(weight.count) weights for \(shape)")
    precondition(
      x.precision == shape.inputFormat && y.precision == shape.outputFormat,
      "inputs of \(x.precision) and outputs of \(y.precision) for \(shape)")
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
      + (precision == .bfloat16 ? " in bfloat16" : "") + (inputFormat == .bfloat16 ? ", of bfloat16" : "")
      + (outputFormat == .bfloat16 ? ", to bfloat16" : "")
  }
}
