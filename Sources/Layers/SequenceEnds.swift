import Configuration
import Kernels
import Tensors

// From a sequence to one row: B samples, T positions, C features of each. These, and those in PositionPools.swift, mix positions: what comes out knows several or a
// fixed one, so that a model that predicts each position's successor must do without them. Of a sequence that ends before position T
// they know the real positions alone; of one without any they make zeros.

/// One position of a sequence: T×C becomes C. The last one has seen all before it, the first is where a class token is.
///
/// Of a sequence that ends earlier, -1 is the last real position; a position that is not real is 0.
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
    if let lengths = binding.lengths {
      return BoundSelectReal(
        position: position, x: binding.input, y: binding.output, lengths: lengths, samples: binding.microBatch,
        width: binding.inputShape[1], wantsInputGradient: binding.wantsInputGradient)
    }
    return BoundSelect(
      x: binding.input, y: binding.output, range: columns(of: binding.inputShape)!, columns: binding.inputShape.count,
      isRowwise: false, wantsInputGradient: binding.wantsInputGradient)
  }
}

/// A position of sequences that end where they end.
private struct BoundSelectReal: BoundLayer {
  let position: Int
  let x: Int, y: Int, lengths: Int
  /// B
  let samples: Int
  /// C
  let width: Int
  let wantsInputGradient: Bool

  /// The place of its elements in the input; nil where the position is not real.
  private func place(_ sample: Int, _ lengths: SequenceLengths) -> Range<Int>? {
    let place = position < 0 ? lengths[sample] + position : position
    guard (0..<lengths[sample]).contains(place) else { return nil }
    let first = (sample * lengths.positions + place) * width
    return first..<first + width
  }

  func forward(_ lane: borrowing Lane) {
    let (x, y) = (lane.values[x], lane.values[y])
    for sample in 0..<samples {
      let row = y[sample * width..<(sample + 1) * width]
      if let place = place(sample, lane.lengths[lengths]) { row.assign(x[place]) } else { row.clear() }
    }
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    let (dx, dy) = (lane.gradients[x], lane.gradients[y])
    dx.clear()
    for sample in 0..<samples {
      guard let place = place(sample, lane.lengths[lengths]) else { continue }
      dx[place].assign(dy[sample * width..<(sample + 1) * width])
    }
  }
}

extension SelectPosition: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(try settings.int("position", in: -(1 << 24)...(1 << 24)))
  }
}
