import Configuration
import Kernels
import Tensors

/// Zeroes each element with probability `rate` in training and divides the others by 1 - rate; the identity in evaluation.
///
/// Which elements depends on (seed, step, position of the sample in the batch, layer, element) alone: the same on any
/// number of ranks and lanes. No mask is kept; backward draws it again.
/// Srivastava et al.: *Dropout* (JMLR 2014), in the inverted form.
public struct Dropout: Layer {
  public static let kind = "dropout"
  public static let summary = "zeros drawn at random in training"
  package let rate: Double

  /// `rate`, in 0..<1, is the share of numbers that become zero.
  public init(rate: Double) {
    precondition(rate >= 0 && rate < 1, "the rate must be in 0..<1, found \(rate)")
    self.rate = rate
  }

  public func outputShape(for input: Shape) -> Shape { input }
  public var placement: Placement { .inPlace }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public var featureFlow: FeatureFlow { .kept }
  public var outputScale: OutputScale { .asInput }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundDropout(
      rate: rate, x: binding.input, y: binding.output, layer: binding.index, B: binding.microBatch,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundDropout: RowwiseLayer {
  let rate: Double
  let x: Int, y: Int, layer: Int, B: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    apply(lane, rows.of(lane.tensor(x)), into: rows.of(lane.tensor(y)))
  }

  func backward(_ lane: borrowing Lane) {
    if wantsInputGradient { apply(lane, lane.gradient(y), into: lane.gradient(x)) }
  }

  private func apply(_ lane: borrowing Lane, _ source: TensorView, into target: TensorView) {
    guard case .training(let step, let firstPosition) = lane.mode else {
      return Kernels.copy(source, into: target)
    }
    let width = source.count / B
    for row in 0..<B {
      let range = row * width..<(row + 1) * width
      Kernels.dropout(
        source[range], rate: rate, random: lane.random, layer: layer, position: firstPosition + row, step: step,
        into: target[range])
    }
  }
}

extension Dropout: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(rate: try settings.double("rate", in: 0..<1))
  }
}
