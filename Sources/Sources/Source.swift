import Configuration
import Datasets
import Diagnostics
import Files

/// Where samples come from: a kind of source, with its settings.
///
/// ```swift
/// sourceKinds.add(Sensor.self)   // and configurations know `data: {sensor: …}`
/// ```
public protocol Source: NamedKind, Sendable {
  /// Settings, below its word, that are paths of files: each host may keep the same data in another place.
  static var pathSettings: [String] { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// Reads the samples of a part; nil where the source has none of it. All ranks read the same.
  ///
  /// - Parameters:
  ///   - seed: of the run, for what is generated.
  ///   - schema: what the training data decided; nil where these are the training data.
  func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset?

  /// Reads the samples that training is watched by, where those are not the test data; nil: they are.
  func readValidation(seed: UInt64, like schema: Schema) throws -> Dataset?

  /// Reads a file with targets that a trained model is to be measured on.
  ///
  /// `targets` is the file that they are in, where that is another one.
  func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset

  /// Reads a file whose targets are to be predicted, or passed over, `rows` samples at a time at most, so that memory does
  /// not grow with the file.
  func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches

  /// The same, with what `columns` hold beside the rows: to know them again.
  func batches(
    of file: String, rows: Int, keeping columns: [String], like schema: Schema
  ) throws -> any SampleBatches

  /// Whether ranks that read `file` one beside the other find the same rows: a file that lies still, and no database that others
  /// may write meanwhile. Pipes are never asked about.
  func readsAlike(_ file: String) -> Bool

  /// What is one token of a text; nil for other data.
  var tokenUnit: Vocabulary.Unit? { get }

  /// Whether the features are as a network wants them, so that nothing is standardised unless a configuration says so.
  var isPrepared: Bool { get }

  /// Whether what is standardised where a configuration says nothing is each channel, as of pictures, and not each feature.
  var standardisesChannels: Bool { get }

  /// Whether rows that cannot be predicted are told of beside the others.
  var tellsProblems: Bool { get }

  /// Makes what has to be made before samples are read, and tells of it; nil where nothing has to be.
  func prepare(seed: UInt64) throws -> String?

  /// Writes the part of each raw row, as CSV; false where data are not divided by the program.
  func writeParts(seed: UInt64, to file: OutputFile) throws -> Bool

  /// The same source, which keeps columns beside the features, as words or numbers, for figures that look at them: `auxiliary` of its
  /// samples; nil where its samples have no columns.
  func keeping(words: [String], numbers: [String]) -> (any Source)?

  /// Makes the same, and gives a name to find it by; nil where nothing has to be made.
  func preparedName(seed: UInt64) throws -> String?

  /// Takes what another rank has made, by its name, instead of making it, where it is on this rank's disks too.
  func take(prepared name: String, seed: UInt64) throws

  /// Where it is kept what was prepared of raw data with a digest, `sha256:…`, whether it is there or not; nil where nothing is.
  ///
  /// The settings `keep-under` and `prepared` of such a source say otherwise.
  func preparedFolder(ofRaw digest: String, seed: UInt64) -> String?

  /// The columns that predictions tell rows by, though nobody asks for them.
  var rowNames: [String] { get }

  /// The one of these that tells which of several samples of a file a row is; nil: each file has one.
  var clipName: String? { get }

  /// What is to be said where files are read otherwise now than those of training were; a line each.
  func notes(on preparation: String) -> [String]

  /// The folder in which files grow as a rank prepares; nil where nothing has to be made.
  var preparationFolder: String? { get }

  /// What a network has before and behind its layers, of what was fitted before.
  func ends(of preparation: String) throws -> NetworkEnds

  /// The columns that samples were made of, with the features that each became; empty where they were made of none.
  func columns(of samples: Dataset) -> [(name: String, features: Range<Int>)]

  /// The raw rows of samples; nil where a source keeps none beside them: its columns are all that there is.
  ///
  /// - Parameter seed: of the run.
  func rows(of samples: SampleOrigin, seed: UInt64, like schema: Schema) throws -> (any SampleRows)?

  /// The digests of the steps from raw data to samples, in their order; empty where there are none but the samples'.
  func links(seed: UInt64) throws -> [SourceLink]

  /// How many training samples it makes, and the setting below its word that says so; nil where data are what they are.
  var generated: (setting: String, samples: Int)? { get }
}

extension Source {
  public static var pathSettings: [String] { [] }
  public func readsAlike(_ file: String) -> Bool { true }
  public var tokenUnit: Vocabulary.Unit? { nil }
  public var isPrepared: Bool { false }
  public var standardisesChannels: Bool { false }
  public var tellsProblems: Bool { isPrepared }
  public func prepare(seed: UInt64) throws -> String? { nil }
  public func writeParts(seed: UInt64, to file: OutputFile) throws -> Bool { false }
  public func keeping(words: [String], numbers: [String]) -> (any Source)? { nil }
  public func preparedName(seed: UInt64) throws -> String? { nil }
  public func take(prepared name: String, seed: UInt64) throws {}
  public var preparationFolder: String? { nil }
  public func preparedFolder(ofRaw digest: String, seed: UInt64) -> String? { nil }
  public var rowNames: [String] { [] }
  public var clipName: String? { nil }
  public func notes(on preparation: String) -> [String] { [] }
  public func ends(of preparation: String) throws -> NetworkEnds { NetworkEnds() }
  public func links(seed: UInt64) throws -> [SourceLink] { [] }
  public func columns(of samples: Dataset) -> [(name: String, features: Range<Int>)] {
    (samples.featureNames ?? []).enumerated().map { ($1, $0..<$0 + 1) }
  }
  public func readValidation(seed: UInt64, like schema: Schema) throws -> Dataset? { nil }
  public func rows(of samples: SampleOrigin, seed: UInt64, like schema: Schema) throws -> (any SampleRows)? { nil }
  public var generated: (setting: String, samples: Int)? { nil }

  /// Refused: what is generated is in no file.
  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    throw Self.noFile(file)
  }

  /// Refused: what is generated is in no file.
  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    throw Self.noFile(file)
  }

  /// Refused where columns are named: what has no names, or is generated, cannot be kept.
  public func batches(
    of file: String, rows: Int, keeping columns: [String], like schema: Schema
  ) throws -> any SampleBatches {
    guard let column = columns.first else { return try batches(of: file, rows: rows, like: schema) }
    throw Failure(
      .usage, at: "--keep", "expected no column, as \(Self.kind) data keep none, found '\(column)'",
      cure: "leave it out, or train on data: {table: …}")
  }

  private static func noFile(_ file: String) -> Failure {
    Failure(
      .usage, at: file, "expected no file, as the model was trained on \(kind) data, which are in none",
      cure: "leave it out, or use a model that was trained on files")
  }
}

/// Samples that come some at a time, so that memory does not grow with their number.
public protocol SampleBatches: AnyObject {
  /// The next samples, at least one row; nil where there are no more.
  func next() throws -> SampleBatch?
  /// Passes over the rows that `next` would give, and returns how many these are; 0 where there are no more.
  func skip() throws -> Int

  /// What was counted of the rows that `next` has given: numbers that add up over parts of an input.
  var counts: [Int] { get }
  /// How rows of which so much was counted differ from those that the model was trained on, a line each.
  func findings(of counts: [Int]) -> [String]
}

extension SampleBatches {
  public func skip() throws -> Int { try next()?.rows ?? 0 }
  public var counts: [Int] { [] }
  public func findings(of counts: [Int]) -> [String] { [] }
}

/// Some rows that are to be predicted.
public struct SampleBatch {
  /// Those that can be, in their order; nil where none can.
  public let samples: Dataset?
  /// How many rows there are.
  public let rows: Int
  /// By row, from 0: why it cannot be predicted.
  public let problems: [Int: String]
  /// What the columns that are kept hold, a text for each row, nil where there is nothing.
  public let kept: [[String?]]
  /// Which file each row is of, ascending, where a file may have several rows; nil: each has its own.
  package var files: [Int]?

  /// Samples without any problem.
  public init(_ samples: Dataset) { (self.samples, rows, problems, kept) = (samples, samples.count, [:], []) }

  /// Of `rows` rows all but those with a problem became samples.
  public init(_ samples: Dataset?, rows: Int, problems: [Int: String], kept: [[String?]] = []) {
    precondition((samples?.count ?? 0) + problems.count == rows, "\(samples?.count ?? 0) samples of \(rows) rows")
    precondition(kept.allSatisfy { $0.count == rows }, "columns that are not of \(rows) rows")
    (self.samples, self.rows, self.problems, self.kept) = (samples, rows, problems, kept)
  }
}

/// The sources that a configuration can name.
public let sourceKinds = Registry<any Source.Type>(
  [
    IDXSource.self, CSVSource.self, TableSource.self, TextSource.self, TwoClassSource.self, NoiseTextSource.self,
    NoiseSource.self, ImagesSource.self, WebDatasetSource.self, AudioSource.self,
  ], named: { $0.kind }, summary: { $0.summary })
