import Configuration
import Diagnostics
import Files
import Tables

/// Tables in CSV format.
public struct CSVFormat: TableFormat {
  public static let kind = "csv"
  public static let summary = "tables in CSV format, packed by gzip or zstd or not"
  public static let pathSettings = ["files"]
  public static let readsStreams = true
  public static let endings = ["csv", "tsv", "txt", "csv.gz", "tsv.gz", "csv.zst", "tsv.zst"]

  /// Paths, patterns and folders.
  private var files: [String]
  private var dialect: CSVDialect

  public init(_ settings: ConfigReader) throws {
    files = try settings.files()
    let separator = try settings.string("separator", default: ",")
    let word = separator == "tab" || separator == "\\t" ? "\t" : separator
    guard word.utf8.count == 1, let byte = word.utf8.first, byte < 0x80, !"\"\n\r ".utf8.contains(byte) else {
      throw settings.failure(
        at: "separator", "expected one character, found '\(separator)'", cure: "write , or ; or tab")
    }
    dialect = CSVDialect(
      separator: byte, hasHeader: try settings.bool("header", default: true),
      encoding: try settings.option("encoding", default: .utf8))
  }

  /// With the separator that its first line has most of, and the encoding that it seems to be in.
  public init(file: String) throws {
    files = [file]
    dialect = try CSVDialect(of: FilePaths.found([file], endings: Self.endings)[0].path)
  }

  /// Commas, as where nothing else is said: a stream cannot be looked at before.
  package init(stream: String) { (files, dialect) = ([stream], CSVDialect()) }

  public func draft(path: String) -> String {
    let separator = dialect.separator == UInt8(ascii: ",") ? "" : ", separator: \"\(dialect.separatorWord)\""
    let encoding = dialect.encoding == .utf8 ? "" : ", encoding: \(dialect.encoding.rawValue)"
    return "csv: {files: \(ConfigSetting(path: "", quoting: path).text)\(separator)\(encoding)}"
  }

  public func sources() throws -> [String] { try FilePaths.found(files, endings: Self.endings).map(\.path) }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    try CSVReader(source, dialect, columns: columns)
  }

  /// The file may have another separator between its columns: they are found by their names.
  public func reading(_ file: String) throws -> CSVFormat {
    var other = self
    other.files = [file]
    // What comes from a pipe can be read once.
    if file != standardStream { other.dialect = try dialect.fitting(file) }
    return other
  }
}
