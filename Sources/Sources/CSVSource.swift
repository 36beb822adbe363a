import Configuration
import Datasets
import Diagnostics
import Preparation

/// A table in CSV format, one file for training and perhaps one for testing.
public struct CSVSource: Source {
  public static let kind = "csv"
  public static let summary = "a table of numbers, with a column of classes or columns of numbers to predict"
  public static let pathSettings = ["train", "test"]

  package let train: String
  package let test: String?
  package let target: Dataset.TableTarget
  /// The columns that are features; nil: all but the target.
  package let features: [String]?
  /// As in `Dataset.csv`.
  package let header: Bool?

  /// See `Dataset.csv`.
  public init(
    train: String, test: String? = nil, target: Dataset.TableTarget = .classes(), features: [String]? = nil,
    header: Bool? = nil
  ) {
    (self.train, self.test, self.target, self.features, self.header) = (train, test, target, features, header)
  }

  /// See `Dataset.csv`.
  public init(_ settings: ConfigReader) throws {
    (train, test) = (try settings.filePath("train"), try settings.optionalFilePath("test"))
    let columns = try settings.targetColumns()
    let kind = try settings.option("kind", of: TargetKind.self, default: .classes)
    features = try settings.distinctNames("features")
    header = try settings.optionalBool("header")
    switch kind {
    case .values: target = .values(columns: columns)
    case .classes:
      if let columns, columns.count > 1 {
        throw settings.failure(
          at: "target", "expected one column of labels, found \(columns.count)",
          cure: "set kind: values for several columns of numbers, of zeros and ones too")
      }
      target = .classes(column: columns?.first, names: try settings.distinctNames("classes"))
    }
  }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset? {
    guard let schema else { return try Dataset.csv(train, target: target, features: features, header: header) }
    let file = part == .train ? train : test
    return try file.map { try Dataset.csv($0, target: target, header: header, like: schema) }
  }

  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try requireNone(targets)
    return try Dataset.csv(file, target: target, header: header, like: schema)
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    CSVBatches(try CSVStream(file, target: .none, header: header, like: schema), rows: rows)
  }
}

/// The rows of a table, some at a time.
private final class CSVBatches: SampleBatches {
  private var stream: CSVStream
  private let rows: Int

  init(_ stream: CSVStream, rows: Int) { (self.stream, self.rows) = (stream, rows) }

  func next() throws -> SampleBatch? { try stream.next(rows: rows).map { SampleBatch($0) } }
}

extension Source {
  /// Refuses a file of targets beside one that has them in it.
  func requireNone(_ targets: String?) throws {
    guard targets != nil else { return }
    throw Failure(
      .usage, at: "--labels",
      "expected none, as the model was trained on a table or text, which has its targets in it", cure: "leave it out")
  }
}
