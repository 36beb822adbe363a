/// The tokens that samples are made of: whole numbers from 0 on.
public struct TokenAlphabet: Sendable, Equatable {
  /// How many there are, V.
  public let count: Int
  /// The one that stands behind the end of a text that is shorter than a sample; nil where samples are full.
  public let padding: Int?

  public init(count: Int, padding: Int? = nil) {
    precondition(
      count > 0 && (padding.map { (0..<count).contains($0) } ?? true), "\(count) tokens, padding \(padding ?? -1)")
    (self.count, self.padding) = (count, padding)
  }
}
