import Configuration
import Kernels
import Tensors

/// A range of the last axis: columns of a table, channels of an image. Where a network has several inputs, each branch
/// selects its own.
public struct Select: Layer {
  public static let kind = "select"
  public static let summary = "a range of the last axis"
  /// Places along the last axis.
  package let range: Range<Int>

  /// Places along the last axis, from 0.
  public init(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && !range.isEmpty, "at least one place from 0 on, found \(range)")
    self.range = range
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard let last = input.extents.last, range.upperBound <= last else {
      throw ShapeError(Self.kind, expected: "at least \(range.upperBound) places along the last axis", found: input)
    }
    return Shape(input.extents.dropLast() + [range.count])
  }

  public var outputScale: OutputScale { .asInput }
  public var keepsPositions: Bool { true }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public func columns(_ columns: Range<Int>, of input: Shape) -> Range<Int>? {
    guard input.rank == 1 else { return nil }
    return columns.lowerBound + range.lowerBound..<columns.lowerBound + range.upperBound
  }
  public func lastRead(at position: Int, of input: Shape) -> Int {
    input.rank > 1 ? position : range.lowerBound + position
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundSelect(
      x: binding.input, y: binding.output, range: range, columns: binding.inputShape.extents.last!,
      isRowwise: binding.inputShape.rank == 2, wantsInputGradient: binding.wantsInputGradient)
  }
}

struct BoundSelect: RowwiseLayer {
  let x: Int, y: Int
  let range: Range<Int>
  let columns: Int
  let isRowwise: Bool
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.copyColumns(
      rows.of(lane.tensor(x)), columns: columns, first: range.lowerBound, into: rows.of(lane.tensor(y)),
      columns: range.count, first: 0, width: range.count)
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    let dx = lane.gradient(x)
    dx.clear()
    Kernels.copyColumns(
      lane.gradient(y), columns: range.count, first: 0, into: dx, columns: columns, first: range.lowerBound,
      width: range.count)
  }
}

extension Select: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    let first = try settings.int("first", in: 0...(1 << 24))
    self.init(first..<first + (try settings.int("count", in: 1...(1 << 24))))
  }
}
