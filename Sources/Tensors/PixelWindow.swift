/// A rectangle of a picture, in whole pixels.
public struct PixelWindow: Sendable, Equatable {
  /// Of its first row and column, counted from 0.
  public let top, left: Int
  /// At least 1 each.
  public let height, width: Int

  public init(top: Int = 0, left: Int = 0, height: Int, width: Int) {
    precondition(top >= 0 && left >= 0 && height > 0 && width > 0, "a window of \(height)×\(width) at \(top), \(left)")
    (self.top, self.left, self.height, self.width) = (top, left, height, width)
  }
}
