import Configuration
import Files
import Tables

/// Archives of arrays of NumPy, each array a column, or where it has two dimensions several, or one of vectors, its rows.
public struct NpzFormat: TableFormat {
  public static let kind = "npz"
  public static let summary =
    "archives of arrays of NumPy: an array a column, or where it has two dimensions several, or one of vectors"
  public static let pathSettings = ["files"]
  public static let endings = ["npz"]

  /// Paths, patterns and folders.
  package let files: [String]

  /// Reads files by paths, patterns (`part-*.npz`) or folders.
  package init(files: [String]) { self.files = files }

  public init(_ settings: ConfigReader) throws { files = try settings.files() }

  public init(file: String) { self.init(files: [file]) }

  public func sources() throws -> [String] { try FilePaths.found(files, endings: Self.endings).map(\.path) }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    try NumpyReader(npz: source, columns: columns)
  }

  public func reading(_ file: String) -> NpzFormat { NpzFormat(files: [file]) }
}
