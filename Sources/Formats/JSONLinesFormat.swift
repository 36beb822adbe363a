import Configuration
import Diagnostics
import Files
import Synchronization
import Tables

/// Files with an object of JSON a line, packed by gzip or zstd or not.
///
/// Their columns are the keys of the first rows of all of them: see `JSONLinesReader`.
public struct JSONLinesFormat: TableFormat {
  public static let kind = "jsonl"
  public static let summary = "JSON lines: an object of numbers, truths, texts and lists of numbers a line"
  public static let pathSettings = ["files"]
  public static let endings = ["jsonl", "ndjson", "jsonl.gz", "ndjson.gz", "jsonl.zst", "ndjson.zst"]

  /// Paths, patterns and folders.
  package let files: [String]
  /// Rows of each file whose keys are the columns.
  package let probed: Int
  private let fields = Fields()

  /// Reads files by paths, patterns (`part-*.jsonl`) or folders; `probed` rows of each of them tell the columns.
  package init(files: [String], probed: Int = 1000) { (self.files, self.probed) = (files, probed) }

  public init(_ settings: ConfigReader) throws {
    files = try settings.files()
    probed = try settings.int("probe", default: 1000, in: 1...1_000_000)
  }

  public init(file: String) { self.init(files: [file]) }

  public func sources() throws -> [String] { try FilePaths.found(files, endings: Self.endings).map(\.path) }

  public func columns(of source: String) throws -> [TableColumn]? {
    try found().map { TableColumn($0.name, refusal: $0.refusal?.fault) }
  }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    try JSONLinesReader(source, columns: columns, found: found(), probed: probed)
  }

  private func found() throws -> [JSONField] {
    try fields.found { try JSONLinesProbe.fields(of: sources(), rows: probed) }
  }

  public func reading(_ file: String) -> JSONLinesFormat { JSONLinesFormat(files: [file], probed: probed) }

  /// What was found once in all files, which may be many.
  private final class Fields: Sendable {
    private let fields = Mutex<[JSONField]?>(nil)

    func found(_ find: () throws -> [JSONField]) throws -> [JSONField] {
      try fields.withLock { fields in
        let found = try fields ?? find()
        fields = found
        return found
      }
    }
  }
}
