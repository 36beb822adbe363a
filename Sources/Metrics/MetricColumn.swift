/// A column of the rows that a metric looks at beside what is predicted and true of them. No network sees it, unless it is a
/// feature as well.
public struct MetricColumn: Hashable, Sendable {
  /// What its values are.
  public enum Content: Hashable, Sendable { case words, numbers }

  public let name: String
  public let content: Content

  public init(_ name: String, _ content: Content) { (self.name, self.content) = (name, content) }
}
