import Configuration
import Kernels
import Tensors

// B micro-batch, H×W input, P×Q output, I input and O output channels, G groups. W is O×(I/G)×K_H×K_W and b is O, as in
// PyTorch's Conv2d; samples are H×W×I, channels last.

/// A convolution in two dimensions: each output is the sum of a window of the input, weighted, plus a bias.
///
/// With as many groups as channels it is depthwise. Each output is one chain of fused multiply-adds, or comes by
/// Winograd's algorithm where that is quicker. In a network that computes in bfloat16 chains are of rounded factors, where a
/// group has 16 channels or more on both sides; what it reads and writes may be of bfloat16 numbers in any case.
/// LeCun et al.: *Gradient-based learning applied to document recognition* (1998).
public struct Convolution: Layer {
  public static let kind = "convolution"
  public static let summary = "a learned window over height and width"
  package let channels: Int
  package let window: Window
  package let groups: Int
  package let hasBias: Bool
  package let initialiser: Initialiser

  /// What factors are taken as: with fewer channels of a group, copying words of two numbers takes longer than products gain.
  static func precision(_ precision: NumberFormat, channels: Int) -> NumberFormat {
    channels >= 16 ? precision : .float32
  }

  /// `channels` are those of the output, divisible by `groups` as those of the input are.
  public init(
    channels: Int, window: Window, groups: Int = 1, bias hasBias: Bool = true, initialiser: Initialiser = .he
  ) {
    precondition(channels > 0 && groups > 0, "channels and groups must be positive, found \(channels) and \(groups)")
    window.check()
    self.channels = channels
    self.window = window
    self.groups = groups
    self.hasBias = hasBias
    self.initialiser = initialiser
  }

  /// A square kernel.
  public init(
    channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    bias: Bool = true, initialiser: Initialiser = .he
  ) {
    let window = Window(
      kernel: Plane(kernel), stride: Plane(stride), dilation: Plane(dilation), padding: .both(Plane(padding)))
    self.init(channels: channels, window: window, groups: groups, bias: bias, initialiser: initialiser)
  }

  public func outputShape(for input: Shape) throws -> Shape {
    let output = try window.output(for: input, of: Self.kind)
    guard input[2] % groups == 0, channels % groups == 0 else {
      throw ShapeError(
        Self.kind, expected: "input and output channels (\(channels)) that \(groups) groups divide", found: input)
    }
    return [output.height, output.width, channels]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let (kernel, part) = (window.kernel, input[2] / groups)
    let area = kernel.height * kernel.width
    let (fanIn, fanOut) = (part * area, channels / groups * area)
    let weight = Parameter(
      "weight", [channels, part, kernel.height, kernel.width], initialiser, fanIn: fanIn, fanOut: fanOut)
    let bias = Parameter("bias", [channels], .zeros, fanIn: fanIn, fanOut: fanOut, role: .bias)
    return hasBias ? [weight, bias] : [weight]
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public func lastRead(at position: Int, of input: Shape) -> Int { window.lastRow(at: position, of: input) }

  public func multiplyAdds(for input: Shape) -> Int {
    let output = window.output(for: input.plane)
    return output.height * output.width * parameters(for: input)[0].shape.count
  }

  public func bind(_ binding: Binding) throws -> any BoundLayer { bind(binding, on: binding.inputShape) }

  /// Of pictures of `input`, whatever shape they have between layers.
  func bind(_ binding: Binding, on input: Shape) -> any BoundLayer {
    let shape = ConvolutionShape(
      samples: binding.microBatch, input: input.plane, inputChannels: input[2],
      outputChannels: channels, window: window, groups: groups, hasBias: hasBias,
      precision: Self.precision(binding.precision, channels: min(input[2], channels) / groups),
      inputFormat: binding.inputFormat, outputFormat: binding.outputFormat)
    return BoundConvolution(
      kernel: ConvolutionKernel(shape), place: binding.index, x: binding.input, y: binding.output,
      weight: binding.slots[0], bias: hasBias ? binding.slots[1] : nil,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

extension Convolution: ConfiguredLayer {
  /// `convolution: {channels: 32, kernel: 3, stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, initialiser: he}`
  public init(_ settings: ConfigReader) throws {
    let channels = try settings.int("channels", in: 1...largestExtent)
    let window = Window(
      kernel: try settings.plane("kernel", default: 3), stride: try settings.plane("stride", default: 1),
      dilation: try settings.plane("dilation", default: 1), padding: try settings.padding())
    let groups = try settings.groups(of: channels)
    let bias = try settings.bool("bias", default: true)
    self.init(
      channels: channels, window: window, groups: groups, bias: bias,
      initialiser: try settings.initialiser(default: "he"))
  }
}
