/// The extents of a tensor, outermost first (row-major: the last extent is contiguous in memory).
///
/// ```swift
/// let image: Shape = [28, 28, 1]  // height, width, channels
/// image.count                     // 784
/// ```
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The length of each axis, the outermost first.
  public let extents: [Int]

  /// Lengths of axes, the outermost first; none is negative.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "extents must not be negative, found \(extents)")
    self.extents = extents
  }

  /// As `[28, 28, 1]`.
  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// How many elements: the product of the extents, 1 for a scalar; `most` where it is that or more.
  public var count: Int {
    extents.contains(0) ? 0 : extents.reduce(1) { $1 >= Self.most / $0 ? Self.most : $0 * $1 }
  }
  /// 2⁴⁶ elements, 256 TiB of floats: no product of extents that somebody wrote into a file overflows.
  public static let most = 1 << 46
  /// How many axes there are.
  public var rank: Int { extents.count }
  public subscript(axis: Int) -> Int { extents[axis] }

  /// `28×28×1`
  public var description: String { extents.isEmpty ? "scalar" : extents.map(String.init).joined(separator: "×") }
}
