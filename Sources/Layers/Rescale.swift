import Configuration
import Kernels
import Tensors

/// x · scale + offset, each place of the last axis by its own, which are not learned: as where targets have units.
public struct Rescale: Layer {
  public static let kind = "rescale"
  public static let summary = "x times a scale, and an offset, that are not learned"
  /// One for each place of the last axis, or one for all.
  package let scale: [Float]
  /// As many.
  package let offset: [Float]

  /// One scale and offset for each place of the last axis, or one for all of them.
  public init(scale: [Float], offset: [Float]) {
    precondition(
      scale.count == offset.count && !scale.isEmpty,
      "as many offsets as scales, found \(offset.count) and \(scale.count)")
    (self.scale, self.offset) = (scale, offset)
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard let last = input.extents.last, scale.count == 1 || scale.count == last else {
      throw ShapeError(Self.kind, expected: "\(scale.count) places along the last axis", found: input)
    }
    return input
  }

  public var featureFlow: FeatureFlow { .kept }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundRescale(
      x: binding.input, y: binding.output, scale: Self.buffer(scale), offset: Self.buffer(offset),
      zero: FlatBuffer(count: scale.count), wantsInputGradient: binding.wantsInputGradient)
  }

  private static func buffer(_ values: [Float]) -> FlatBuffer {
    let buffer = FlatBuffer(count: values.count)
    buffer.view.assign(values)
    return buffer
  }
}

private struct BoundRescale: RowwiseLayer {
  let x: Int, y: Int
  let scale: FlatBuffer, offset: FlatBuffer, zero: FlatBuffer
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.channelAffine(
      rows.of(lane.values[x]), mean: zero.view, scale: scale.view, shift: offset.view, into: rows.of(lane.values[y]))
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.channelAffine(
      lane.gradients[y], mean: zero.view, scale: scale.view, shift: zero.view, into: lane.gradients[x])
  }
}

extension Rescale: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    let scale = try settings.doubles("scale", in: -1e30...1e30).map(Float.init)
    let offset = try settings.doubles("offset", default: scale.map { _ in 0 }, in: -1e30...1e30).map(Float.init)
    guard scale.count == offset.count, !scale.isEmpty else {
      throw settings.failure(
        at: "offset", "expected as many offsets as scales, found \(offset.count) and \(scale.count)",
        cure: "write one for each output")
    }
    self.init(scale: scale, offset: offset)
  }
}
