import Configuration
import Kernels
import Tensors

// T positions in, P out, I input and O output channels, G groups. W is O×(I/G)×K and b is O, as in PyTorch's Conv1d; samples are
// T×I, channels last.

/// A convolution along the positions of a sequence: each output is the sum of a window of positions, weighted, plus a bias.
///
/// It is a `Convolution` of pictures of one row, with its bits. With `causal` padding no position sees one behind it, as in van den
/// Oord et al.: *WaveNet* (2016).
public struct Convolution1D: Layer {
  public static let kind = "convolution-1d"
  public static let summary = "a learned window over positions"
  package let channels: Int
  /// Of one row.
  package let window: Window
  package let groups: Int
  package let hasBias: Bool
  package let initialiser: Initialiser

  /// What lies beside a sequence.
  public enum Padding: Sendable, Hashable {
    /// So many zeros before it, and as many behind it.
    case both(Int)
    /// As many as make ⌈T / stride⌉ outputs; where that is odd, the larger half comes behind.
    case same
    /// All of them before it, so that an output sees its own position and those before.
    case causal
  }

  /// `channels` are those of the output, divisible by `groups` as those of the input are.
  public init(
    channels: Int, kernel: Int, stride: Int = 1, padding: Padding = .both(0), dilation: Int = 1, groups: Int = 1,
    bias: Bool = true, initialiser: Initialiser = .he
  ) {
    let beside: Window.Padding =
      switch padding {
      case .both(let count): .both(Plane(height: 0, width: count))
      case .same: .same
      case .causal: .causal
      }
    let window = Window(
      kernel: Plane(height: 1, width: kernel), stride: Plane(height: 1, width: stride),
      dilation: Plane(height: 1, width: dilation), padding: beside)
    self.init(channels: channels, window: window, groups: groups, bias: bias, initialiser: initialiser)
  }

  private init(channels: Int, window: Window, groups: Int, bias hasBias: Bool, initialiser: Initialiser) {
    precondition(channels > 0 && groups > 0, "channels and groups must be positive, found \(channels) and \(groups)")
    window.check()
    self.channels = channels
    self.window = window
    self.groups = groups
    self.hasBias = hasBias
    self.initialiser = initialiser
  }

  /// The same of pictures of one row.
  private var ofPictures: Convolution {
    Convolution(channels: channels, window: window, groups: groups, bias: hasBias, initialiser: initialiser)
  }

  public func outputShape(for input: Shape) throws -> Shape {
    let positions = try window.positions(for: input, of: Self.kind)
    guard input[1] % groups == 0, channels % groups == 0 else {
      throw ShapeError(
        Self.kind, expected: "input and output channels (\(channels)) that \(groups) groups divide", found: input)
    }
    return [positions, channels]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    ofPictures.parameters(for: input.asPicture).map { parameter in
      guard parameter.shape.rank == 4 else { return parameter }
      let shape: Shape = [channels, input[1] / groups, window.kernel.width]
      return Parameter(
        parameter.name, shape, parameter.initialiser, fanIn: parameter.fanIn, fanOut: parameter.fanOut)
    }
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public func lastRead(at position: Int, of input: Shape) -> Int { window.lastPosition(at: position, of: input) }
  public func multiplyAdds(for input: Shape) -> Int { ofPictures.multiplyAdds(for: input.asPicture) }
  public func bind(_ binding: Binding) throws -> any BoundLayer {
    ofPictures.bind(binding, on: binding.inputShape.asPicture)
  }
}

extension Convolution1D: ConfiguredLayer {
  /// `convolution-1d: {channels: 32, kernel: 3, stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, initialiser: he}`
  public init(_ settings: ConfigReader) throws {
    let channels = try settings.int("channels", in: 1...largestExtent)
    let window = try settings.convolutionLine()
    let groups = try settings.groups(of: channels)
    let bias = try settings.bool("bias", default: true)
    self.init(
      channels: channels, window: window, groups: groups, bias: bias,
      initialiser: try settings.initialiser(default: "he"))
  }
}
