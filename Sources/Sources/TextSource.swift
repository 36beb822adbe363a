import Configuration
import Datasets
import Diagnostics

/// One text, cut into windows of tokens; its end is the test data.
public struct TextSource: Source {
  public static let kind = "text"
  public static let summary = "windows of a text's characters or bytes, each to predict the next one"
  public static let pathSettings = ["file"]

  package let file: String
  package let settings: TextSettings

  /// A file of text, and how it becomes tokens.
  public init(file: String, _ settings: TextSettings) { (self.file, self.settings) = (file, settings) }

  public init(_ settings: ConfigReader) throws {
    let length = try settings.int("length", default: 64, in: 1...(1 << 20))
    file = try settings.filePath("file")
    self.settings = TextSettings(
      unit: try settings.option("unit", default: .characters), length: length,
      stride: try settings.optionalInt("stride", in: 1...(1 << 20)),
      vocabulary: try settings.optionalInt("vocabulary", in: 1...(1 << 21)),
      testShare: try settings.double("test-share", default: 0.1, in: 0..<1))
  }

  public var tokenUnit: Vocabulary.Unit? { settings.unit }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset? {
    switch part {
    case .train: try Dataset.text(file, settings, part: .train, names: schema?.classes)
    case .test:
      settings.testShare > 0 ? try Dataset.text(file, settings, part: .test, names: schema?.classes) : nil
    }
  }

  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try requireNone(targets)
    return try Dataset.text(file, settings, part: .all, names: schema.classes)
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    throw Failure(
      .usage, at: file, "a model of text has no rows to predict", cure: "let it write: lockstep generate")
  }
}
