/// One step from raw data to samples, and what came of it: a link of a run's receipt.
public struct SourceLink: Sendable, Equatable {
  /// `raw`, `schema`, `split`, `transform`, `prepared`.
  public let name: String
  /// The digest of what it gave, as `sha256:…`.
  public let output: String
  /// Of what it was made where that is told one by one: `credit.csv sha256:…`.
  public let inputs: [String]

  public init(_ name: String, output: String, inputs: [String] = []) {
    (self.name, self.output, self.inputs) = (name, output, inputs)
  }
}
