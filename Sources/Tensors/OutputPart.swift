/// Some of a network's outputs, side by side, that say one thing of a sample, where they say several: scores of the classes of
/// a column, or the number of another.
public struct OutputPart: Sendable, Equatable {
  /// The column's.
  public let name: String
  /// Those that it may be, in their order; nil: it is a number.
  public let classes: [String]?
  /// Which outputs: one a class, or one a number, until a loss says otherwise.
  public let range: Range<Int>
  /// The unit of a number, and what it is counted from: deviation and mean of the training targets.
  public let scale: Float
  public let offset: Float

  public init(name: String, classes: [String]?, range: Range<Int>, scale: Float = 1, offset: Float = 0) {
    precondition(!range.isEmpty, "no outputs for \(name)")
    (self.name, self.classes, self.range, self.scale, self.offset) = (name, classes, range, scale, offset)
  }
}
