import Configuration
import Kernels
import Tensors

// From a sequence to one row by all its positions; see SequenceEnds.swift.

/// The mean over the positions of a sequence, feature by feature: T×C becomes C.
public struct MeanPositions: Layer {
  public static let kind = "mean-positions"
  public static let summary = "the mean over all positions"
  /// It has no settings.
  public init() {}

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2 else {
      throw ShapeError(Self.kind, expected: "samples of rank 2, positions × width", found: input)
    }
    return [input[1]]
  }

  public var outputScale: OutputScale { .asInput }

  /// Of whole sequences a window as high as they are, over a picture one pixel wide.
  public func bind(_ binding: Binding) -> any BoundLayer {
    if let lengths = binding.lengths {
      return BoundMeanPositions(
        x: binding.input, y: binding.output, lengths: lengths, samples: binding.microBatch,
        positions: binding.inputShape[0],
        wantsInputGradient: binding.wantsInputGradient)
    }
    let picture: Shape = [binding.inputShape[0], 1, binding.inputShape[1]]
    let shape = PoolingShape(picture, Window(kernel: picture.plane), binding.microBatch)
    return BoundAveragePool(
      shape: shape, x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

/// The mean over the real positions.
private struct BoundMeanPositions: BoundLayer {
  let x: Int, y: Int, lengths: Int, samples: Int, positions: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane) {
    Kernels.meanPositions(
      lane.values[x], lengths: lane.lengths[lengths].elements, samples: samples, positions: positions,
      into: lane.values[y])
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.meanPositionsBackward(
      lane.gradients[y], lengths: lane.lengths[lengths].elements, samples: samples, positions: positions,
      into: lane.gradients[x])
  }
}

/// The largest number of each feature over the positions of a sequence: T×C becomes C.
public struct MaxPositions: Layer {
  public static let kind = "max-positions"
  public static let summary = "the largest over all positions, feature by feature"
  /// It has no settings.
  public init() {}

  public func outputShape(for input: Shape) throws -> Shape { try MeanPositions().outputShape(for: input) }

  public var outputScale: OutputScale { .asInput }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundMaxPositions(
      x: binding.input, y: binding.output, lengths: binding.lengths, samples: binding.microBatch,
      positions: binding.inputShape[0],
      count: binding.microBatch * binding.outputShape.count, index: binding.index,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundMaxPositions: BoundLayer {
  let x: Int, y: Int, lengths: Int?, samples: Int, positions: Int
  /// B×C
  let count: Int
  let index: Int
  let wantsInputGradient: Bool

  /// Saves where the largest were.
  var workspace: Workspace { Workspace(saved: count) }

  func forward(_ lane: borrowing Lane) {
    Kernels.maxPositions(
      lane.values[x], lengths: lengths.map { lane.lengths[$0].elements }, samples: samples, positions: positions,
      places: lane.saved[index],
      into: lane.values[y])
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.maxPositionsBackward(
      lane.gradients[y], places: lane.saved[index], samples: samples, positions: positions, into: lane.gradients[x])
  }
}

extension MeanPositions: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension MaxPositions: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}
