import Configuration
import Kernels
import Tensors

// B micro-batch, H×W input, P×Q output, I input and O output channels, G groups. W is I×(O/G)×K_H×K_W and b is O, as in PyTorch's
// ConvTranspose2d; samples are H×W×I, channels last.

/// A convolution the other way round: each input adds its window of weights to the output, `stride` elements from the next one's. It
/// makes larger pictures of small ones.
///
/// P = (H - 1) · stride - 2 · padding + dilation · (K - 1) + 1 + output-padding: a convolution of the same settings makes H of it. Its
/// passes are those of that convolution, forward its gradient to the input. What it reads may be of bfloat16 numbers, and what it writes
/// where it has no bias. Zeiler et al.: *Deconvolutional networks* (CVPR 2010).
public struct TransposedConvolution: Layer {
  public static let kind = "transposed-convolution"
  public static let summary = "a convolution the other way round: larger pictures of small ones"
  package let channels: Int
  package let window: TransposedWindow
  package let groups: Int
  package let hasBias: Bool
  package let initialiser: Initialiser

  /// A square kernel. `channels` are those of the output, divisible by `groups` as those of the input are; `outputPadding`, smaller than
  /// the stride, are rows and columns behind the output.
  public init(
    channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, initialiser: Initialiser = .he
  ) {
    let window = TransposedWindow(
      kernel: Plane(kernel), stride: Plane(stride), padding: Plane(padding), outputPadding: Plane(outputPadding),
      dilation: Plane(dilation))
    self.init(channels: channels, window: window, groups: groups, bias: bias, initialiser: initialiser)
  }

  init(channels: Int, window: TransposedWindow, groups: Int, bias hasBias: Bool, initialiser: Initialiser) {
    precondition(channels > 0 && groups > 0, "channels and groups must be positive, found \(channels) and \(groups)")
    window.check()
    self.channels = channels
    self.window = window
    self.groups = groups
    self.hasBias = hasBias
    self.initialiser = initialiser
  }

  public func outputShape(for input: Shape) throws -> Shape {
    try input.requireImage(for: Self.kind)
    let output = try window.output(for: input.plane, of: Self.kind, found: input)
    try requireGroups(of: input, for: Self.kind)
    return [output.height, output.width, channels]
  }

  func requireGroups(of input: Shape, for kind: String) throws {
    guard input.extents.last! % groups == 0, channels % groups == 0 else {
      throw ShapeError(
        kind, expected: "input and output channels (\(channels)) that \(groups) groups divide", found: input)
    }
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let kernel = window.kernel
    let area = kernel.height * kernel.width
    // An output is the sum of a part of the window, one of `stride` elements along each axis.
    let fanIn = max(1, input[2] / groups * area / (window.stride.height * window.stride.width))
    let fanOut = channels / groups * area
    let weight = Parameter(
      "weight", [input[2], channels / groups, kernel.height, kernel.width], initialiser, fanIn: fanIn, fanOut: fanOut)
    let bias = Parameter("bias", [channels], .zeros, fanIn: fanIn, fanOut: fanOut, role: .bias)
    return hasBias ? [weight, bias] : [weight]
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { hasBias ? .input : [.input, .output] }
  public func lastRead(at position: Int, of input: Shape) -> Int {
    window.last(
      at: position, of: input[0], kernel: window.kernel.height, stride: window.stride.height,
      dilation: window.dilation.height, padding: window.padding.height)
  }

  public func multiplyAdds(for input: Shape) -> Int {
    input[0] * input[1] * parameters(for: input)[0].shape.count
  }

  public func bind(_ binding: Binding) throws -> any BoundLayer {
    bind(binding, from: binding.inputShape, to: binding.outputShape)
  }

  /// Of pictures of `input` and `output`, whatever shape they have between layers.
  func bind(_ binding: Binding, from input: Shape, to output: Shape) -> any BoundLayer {
    let shape = ConvolutionShape(
      samples: binding.microBatch, input: output.plane, inputChannels: channels, outputChannels: input[2],
      window: window.asConvolution, groups: groups, hasBias: false,
      precision: Convolution.precision(binding.precision, channels: min(input[2], channels) / groups),
      inputFormat: binding.outputFormat, outputFormat: binding.inputFormat)
    return BoundConvolution(
      kernel: TransposedConvolutionKernel(as: shape), place: binding.index, x: binding.input, y: binding.output,
      weight: binding.slots[0], bias: hasBias ? binding.slots[1] : nil,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

extension TransposedConvolution: ConfiguredLayer {
  /// `transposed-convolution: {channels: 32, kernel: 3, stride: 1, padding: 0, output-padding: 0, dilation: 1, groups: 1, bias: true,
  /// initialiser: he}`
  public init(_ settings: ConfigReader) throws {
    let channels = try settings.int("channels", in: 1...largestExtent)
    let window = TransposedWindow(
      kernel: try settings.plane("kernel", default: 3), stride: try settings.plane("stride", default: 1),
      padding: try settings.plane("padding", default: 0, from: 0),
      outputPadding: try settings.plane("output-padding", default: 0, from: 0),
      dilation: try settings.plane("dilation", default: 1))
    try settings.require(window)
    let groups = try settings.groups(of: channels)
    let bias = try settings.bool("bias", default: true)
    self.init(
      channels: channels, window: window, groups: groups, bias: bias,
      initialiser: try settings.initialiser(default: "he"))
  }
}
