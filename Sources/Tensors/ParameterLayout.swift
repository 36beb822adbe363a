/// Where every parameter lies in the flat buffers: the one table that initialisation, gradients, optimizer,
/// checkpoint, digest and printing read.
///
/// Slots follow each other in declaration order, each starting on a 64-byte boundary. The floats between slots are
/// zero in parameters and gradients alike, and belong to no digest and no file.
public struct ParameterLayout: Equatable, Sendable {
  /// A named, shaped range of the flat buffer.
  public struct Slot: Equatable, Sendable {
    /// As PyTorch's `Sequential` would name it: `0.weight`.
    public let name: String
    /// Row-major; a dense weight is O×I as in PyTorch.
    public let shape: Shape
    /// In floats from the start of the flat buffer.
    public let range: Range<Int>
  }

  public private(set) var slots: [Slot] = []

  public init() {}

  /// Floats from one slot's start to the next are a multiple of this: 64 bytes.
  static let granularity = FlatBuffer.alignment / MemoryLayout<Float>.stride

  /// Appends a slot and returns its place in `slots`.
  @discardableResult
  public mutating func append(_ name: String, _ shape: Shape) -> Int {
    precondition(!slots.contains { $0.name == name }, "two slots are named \(name)")
    let start = count
    slots.append(Slot(name: name, shape: shape, range: start..<start + shape.count))
    return slots.count - 1
  }

  /// Floats that a flat buffer needs, the gaps between slots included.
  public var count: Int {
    let end = slots.last?.range.upperBound ?? 0
    return (end + Self.granularity - 1) / Self.granularity * Self.granularity
  }

  /// How many numbers are learned: the gaps between slots left out.
  public var parameterCount: Int { slots.reduce(0) { $0 + $1.range.count } }

  /// The slot that holds the float at `index` of the flat buffer, if it is not in a gap.
  public func slot(at index: Int) -> Slot? { slots.first { $0.range.contains(index) } }
}
