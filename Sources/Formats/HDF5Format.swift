import Configuration
import Databases
import Diagnostics
import Files
import Tables

/// Datasets in HDF5 files, as h5py and others write them.
public struct HDF5Format: TableFormat {
  public static let kind = "hdf5"
  public static let summary = "datasets in HDF5 files: a dataset a column, or records, or all datasets of a group"
  public static let pathSettings = ["files"]
  public static let endings = ["h5", "hdf5", "hdf"]

  /// Paths, patterns and folders.
  package let files: [String]
  /// The path of a dataset or a group in the files.
  package let dataset: String

  /// Reads files by paths, patterns (`part-*.h5`) or folders; `dataset` is the path of a dataset or a group in them.
  package init(files: [String], dataset: String = "/") { (self.files, self.dataset) = (files, dataset) }

  public init(_ settings: ConfigReader) throws {
    files = try settings.files()
    dataset = try settings.string("dataset", default: "/")
  }

  public init(file: String) { self.init(files: [file]) }

  public func sources() throws -> [String] { try FilePaths.found(files, endings: Self.endings).map(\.path) }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    #if ExternalTables
      try HDF5Reader(source, dataset: dataset, columns: columns)
    #else
      throw Failure(
        .unavailable, at: source, "expected a build that reads HDF5, found one without",
        cure: "build Lockstep with its trait ExternalTables, as swift build does where nothing else is said")
    #endif
  }

  public func reading(_ file: String) -> HDF5Format { HDF5Format(files: [file], dataset: dataset) }
}
