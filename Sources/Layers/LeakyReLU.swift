import Configuration
import Kernels
import Tensors

/// x where it is at least 0, else `slope` · x; elementwise, in place.
///
/// Maas, Hannun, Ng: *Rectifier nonlinearities improve neural network acoustic models* (ICML 2013).
public struct LeakyReLU: Layer {
  public static let kind = "leaky-relu"
  public static let summary = "x, and slope times x where it is negative"
  package let slope: Float

  /// `slope` is at least 0: backward knows the input's sign by the output's.
  public init(slope: Float = 0.01) {
    precondition(slope >= 0, "the slope must be at least 0, found \(slope)")
    self.slope = slope
  }

  public func outputShape(for input: Shape) -> Shape { input }
  public var backwardReads: BackwardReads { .output }
  public var featureFlow: FeatureFlow { .kept }
  public var outputScale: OutputScale { .asInput }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public var placement: Placement { .inPlace }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundLeakyReLU(
      slope: slope, x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundLeakyReLU: RowwiseLayer {
  let slope: Float
  let x: Int, y: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.leakyReLU(rows.of(lane.tensor(x)), slope: slope, into: rows.of(lane.tensor(y)))
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.leakyReLUBackward(lane.gradient(y), output: lane.tensor(y), slope: slope, into: lane.gradient(x))
  }
}

extension LeakyReLU: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(slope: Float(try settings.double("slope", default: 0.01, in: 0...)))
  }
}
