/// The tokens that samples are made of: whole numbers from 0 on.
public struct TokenAlphabet: Sendable, Equatable {
  /// How many there are, V.
  public let count: Int
  /// The one that stands behind the end of a text that is shorter than a sample; nil where samples are full.
  public let padding: Int?
  /// What each is called, for messages and pages; nil where that is not known.
  public let names: [String]?

  public init(count: Int, padding: Int? = nil, names: [String]? = nil) {
    precondition(
      count > 0 && (padding.map { (0..<count).contains($0) } ?? true), "\(count) tokens, padding \(padding ?? -1)")
    (self.count, self.padding, self.names) = (count, padding, names)
  }
}
