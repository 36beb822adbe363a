/// A column that is to be collected, and what its values are kept as.
public struct ColumnRequest: Hashable, Sendable {
  public let name: String
  public let storage: ColumnStorage

  public init(_ name: String, _ storage: ColumnStorage) { (self.name, self.storage) = (name, storage) }
}
