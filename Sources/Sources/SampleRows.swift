/// The raw rows that samples were made of, in the order of the samples: what any of their columns holds, whether it became
/// features or not.
public protocol SampleRows {
  /// The names of all columns.
  func columns() throws -> [String]

  /// Reads the rows once, and gives what columns hold in each: nil where there is nothing.
  func forEachRow(_ columns: [String], _ body: (_ row: Int, _ texts: [String?]) throws -> Void) throws
}

/// Which samples of a source.
public enum SampleOrigin: Sendable, Equatable {
  /// Those that training is watched by, where these are not the test samples.
  case validation
  case test
  /// Those of a file with targets.
  case file(String)
}
