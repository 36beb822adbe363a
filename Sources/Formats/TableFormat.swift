import Configuration
import Diagnostics
import Tables

/// What a table is kept in: a kind of files, or of databases, with its settings.
///
/// ```swift
/// tableFormatKinds.add(Arrow.self)   // and configurations know `data: {table: {source: {arrow: …}}}`
/// ```
public protocol TableFormat: NamedKind, Sendable {
  /// The word for it in a configuration.
  static var kind: String { get }
  /// Settings, below its word, that are paths of files: each host may keep the same data in another place.
  static var pathSettings: [String] { get }
  /// Endings of names, without a point, of files that are read so where nothing else is said.
  static var endings: [String] { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws
  /// With the settings that files of one of its endings have mostly.
  init(file: String) throws

  /// What a configuration says of it, with its file at `path`: `csv: {files: "credit.csv"}`.
  func draft(path: String) -> String

  /// What it reads, in this order: paths that were found, sorted, or the name of a database.
  func sources() throws -> [String]

  /// Opens one of the sources, to read from its first row on.
  ///
  /// - Parameter columns: those that are wanted, in any order; nil means all. A reader may give more than these.
  ///
  /// Throws a missing input (66) where there is none, and bad data (65) where it is none of its kind.
  func open(_ source: String, columns: Set<String>?) throws -> any TableReader

  /// The same format with another file in the place of its own, as where rows are to be predicted.
  ///
  /// Throws a usage error (64) where it reads no files.
  func reading(_ file: String) throws -> Self
}

extension TableFormat {
  public static var pathSettings: [String] { [] }
  public static var endings: [String] { [] }
}

/// The formats that a table's `source` can name.
public let tableFormatKinds = Registry<any TableFormat.Type>(
  [CSVFormat.self], named: { $0.kind }, summary: { $0.summary })
