import Configuration
import Datasets

/// Generated: two features, two classes; files of the same form are tables with the columns `x`, `y` and `class`.
public struct TwoClassSource: Source {
  public static let kind = "two-class"
  public static let summary = "points of two classes in the plane, made from the seed"

  /// Samples of each part.
  package let train: Int
  package let test: Int

  /// How many samples there are for training, and for testing.
  public init(train: Int = 4096, test: Int = 1024) { (self.train, self.test) = (train, test) }

  public init(_ settings: ConfigReader) throws {
    train = try settings.int("train", default: 4096, in: 1...(1 << 24))
    test = try settings.int("test", default: 1024, in: 1...(1 << 24))
  }

  public var generated: (setting: String, samples: Int)? { ("train", train) }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) -> Dataset? {
    Dataset.twoClass(count: part == .train ? train : test, seed: seed, part: part)
  }

  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try table(file).read(labelled: file, targets: targets, like: schema)
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    try table(file).batches(of: file, rows: rows, like: schema)
  }

  private func table(_ file: String) -> CSVSource { CSVSource(train: file) }
}
