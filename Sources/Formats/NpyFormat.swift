import Configuration
import Files
import Tables

/// Files of one array of NumPy each, of one dimension or two: the second dimension is the columns.
public struct NpyFormat: TableFormat {
  public static let kind = "npy"
  public static let summary = "arrays of NumPy, a file each: a row a sample, a column a feature"
  public static let pathSettings = ["files"]
  public static let endings = ["npy"]

  /// Paths, patterns and folders.
  package let files: [String]
  /// nil: `0`, `1`, …
  package let names: [String]?

  /// Reads files by paths, patterns (`part-*.npy`) or folders; `names` are those of their columns, nil means `0`, `1`, …
  package init(files: [String], names: [String]? = nil) { (self.files, self.names) = (files, names) }

  public init(_ settings: ConfigReader) throws {
    files = try settings.files()
    let found = try settings.strings("columns", default: [])
    if let twice = found.first(where: { name in found.filter { $0 == name }.count > 1 }) {
      throw settings.failure(at: "columns", "\(twice) is named twice", cure: "name it once")
    }
    names = found.isEmpty ? nil : found
  }

  public init(file: String) { self.init(files: [file]) }

  public func sources() throws -> [String] { try FilePaths.found(files, endings: Self.endings).map(\.path) }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    try NumpyReader(npy: source, names: names, columns: columns)
  }

  public func reading(_ file: String) -> NpyFormat { NpyFormat(files: [file], names: names) }
}
