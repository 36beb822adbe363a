import Configuration
import Kernels
import Tensors

// From a sequence to one row: T positions, C features of each. Both mix positions: what comes out knows several or a
// fixed one, so that a model that predicts each position's successor must do without them.

/// One position of a sequence: T×C becomes C. The last one has seen all before it, the first is where a class token is.
public struct SelectPosition: Layer {
  public static let kind = "select-position"
  public static let summary = "one position of a sequence"
  /// From 0 on; -1 is the last, -2 the one before.
  package let position: Int

  /// A position from 0; a negative one counts from the end.
  public init(_ position: Int) { self.position = position }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2 else {
      throw ShapeError(Self.kind, expected: "samples of rank 2, positions × width", found: input)
    }
    guard columns(of: input) != nil else {
      let least = position < 0 ? -position : position + 1
      throw ShapeError(Self.kind, expected: "at least \(least) position\(least == 1 ? "" : "s")", found: input)
    }
    return [input[1]]
  }

  /// Which elements of a sample of `shape`, T×C, it takes; nil where there is no such position.
  func columns(of shape: Shape) -> Range<Int>? {
    let place = position < 0 ? shape[0] + position : position
    return (0..<shape[0]).contains(place) ? place * shape[1]..<(place + 1) * shape[1] : nil
  }

  public var outputScale: OutputScale { .asInput }
  public func columns(_ columns: Range<Int>, of input: Shape) -> Range<Int>? {
    guard input.rank == 2 else { return nil }
    return self.columns(of: input).map {
      columns.lowerBound + $0.lowerBound..<columns.lowerBound + $0.upperBound
    }
  }
  public func lastRead(at position: Int, of input: Shape) -> Int { columns(of: input)!.lowerBound / input[1] }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundSelect(
      x: binding.input, y: binding.output, range: columns(of: binding.inputShape)!, columns: binding.inputShape.count,
      isRowwise: false, wantsInputGradient: binding.wantsInputGradient)
  }
}

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

  /// A window as high as the sequence, over a picture one pixel wide.
  public func bind(_ binding: Binding) -> any BoundLayer {
    let picture: Shape = [binding.inputShape[0], 1, binding.inputShape[1]]
    let shape = PoolingShape(picture, Window(kernel: picture.plane), binding.microBatch)
    return BoundAveragePool(
      shape: shape, x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

extension MeanPositions: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension SelectPosition: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(try settings.int("position", in: -(1 << 24)...(1 << 24)))
  }
}
