import Configuration
import Kernels
import Tensors

// T positions in, P out, I input and O output channels, G groups. W is I×(O/G)×K and b is O, as in PyTorch's ConvTranspose1d.

/// A convolution of sequences the other way round: P = (T - 1) · stride - 2 · padding + dilation · (K - 1) + 1 + output-padding.
///
/// It is a `TransposedConvolution` of pictures of one row, with its bits.
public struct TransposedConvolution1D: Layer {
  public static let kind = "transposed-convolution-1d"
  public static let summary = "a convolution of sequences the other way round: longer ones of short ones"
  /// The same of pictures of one row.
  package let ofPictures: TransposedConvolution

  /// `channels` are those of the output, divisible by `groups` as those of the input are; `outputPadding`, smaller than the stride, are
  /// positions behind the output.
  public init(
    channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, initialiser: Initialiser = .he
  ) {
    let window = TransposedWindow(
      line: kernel, stride: stride, padding: padding, outputPadding: outputPadding, dilation: dilation)
    ofPictures = TransposedConvolution(
      channels: channels, window: window, groups: groups, bias: bias, initialiser: initialiser)
  }

  public func outputShape(for input: Shape) throws -> Shape {
    try input.requireSequence(for: Self.kind)
    let output = try ofPictures.window.output(for: input.line, of: Self.kind, found: input)
    try ofPictures.requireGroups(of: input, for: Self.kind)
    return [output.width, ofPictures.channels]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    ofPictures.parameters(for: input.asPicture).map { parameter in
      guard parameter.shape.rank == 4 else { return parameter }
      let shape: Shape = [parameter.shape[0], parameter.shape[1], parameter.shape[3]]
      return Parameter(
        parameter.name, shape, parameter.initialiser, fanIn: parameter.fanIn, fanOut: parameter.fanOut)
    }
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { ofPictures.bfloat16Tensors }
  public func multiplyAdds(for input: Shape) -> Int { ofPictures.multiplyAdds(for: input.asPicture) }

  public func lastRead(at position: Int, of input: Shape) -> Int {
    let window = ofPictures.window
    return window.last(
      at: position, of: input[0], kernel: window.kernel.width, stride: window.stride.width,
      dilation: window.dilation.width, padding: window.padding.width)
  }

  public func bind(_ binding: Binding) throws -> any BoundLayer {
    ofPictures.bind(binding, from: binding.inputShape.asPicture, to: binding.outputShape.asPicture)
  }
}

extension TransposedWindow {
  fileprivate init(line kernel: Int, stride: Int, padding: Int, outputPadding: Int, dilation: Int) {
    self.init(
      kernel: Plane(height: 1, width: kernel), stride: Plane(height: 1, width: stride),
      padding: Plane(height: 0, width: padding), outputPadding: Plane(height: 0, width: outputPadding),
      dilation: Plane(height: 1, width: dilation))
  }
}

extension TransposedConvolution1D: ConfiguredLayer {
  /// As `transposed-convolution`, of one axis.
  public init(_ settings: ConfigReader) throws {
    let channels = try settings.int("channels", in: 1...largestExtent)
    let window = TransposedWindow(
      line: try settings.int("kernel", default: 3, in: 1...largestExtent),
      stride: try settings.int("stride", default: 1, in: 1...largestExtent),
      padding: try settings.int("padding", default: 0, in: 0...largestExtent),
      outputPadding: try settings.int("output-padding", default: 0, in: 0...largestExtent),
      dilation: try settings.int("dilation", default: 1, in: 1...largestExtent))
    try settings.require(window)
    let groups = try settings.groups(of: channels)
    let bias = try settings.bool("bias", default: true)
    ofPictures = TransposedConvolution(
      channels: channels, window: window, groups: groups, bias: bias,
      initialiser: try settings.initialiser(default: "he"))
  }
}
