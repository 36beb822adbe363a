import Configuration
import Preparation

/// Settings that several sources have.
extension ConfigReader {
  /// A list of distinct names, at least one; nil where it is empty or missing.
  func distinctNames(_ key: String) throws -> [String]? {
    let names = try distinct(key)
    return names.isEmpty ? nil : names
  }

  /// `target: price` or `target: [price, weight]`; nil where it is missing or null.
  func targetColumns() throws -> [String]? {
    guard let value = value("target"), value.isList else {
      defer { note("target", ", or a list of them") }
      return try optionalString("target").map { [$0] }
    }
    let names = try strings("target")
    guard !names.isEmpty else {
      throw failure(
        at: "target", "expected at least one column, found an empty list", cure: "name one, or leave target out")
    }
    try requireDistinct(names, at: "target")
    return names
  }
}
