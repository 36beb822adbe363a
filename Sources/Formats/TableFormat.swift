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
  /// Settings, below its word, that tell where data are, as paths of files do: each host may keep the same in another place.
  static var pathSettings: [String] { get }
  /// Endings of names, without a point, of files that are read so where nothing else is said.
  static var endings: [String] { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws
  /// With the settings that files of one of its endings have mostly.
  init(file: String) throws

  /// What a configuration says of it, with its file at `path`: `csv: {files: "credit.csv"}`.
  func draft(path: String) -> String

  /// Whether it reads what comes once from first to last, as a pipe does.
  static var readsStreams: Bool { get }
  /// What tells its data from others: for a receipt, and to find again what was prepared.
  static var identity: TableIdentity { get }

  /// The same rows from now on, whoever writes meanwhile: what a database is open for, files need nothing.
  ///
  /// Throws where it cannot be reached.
  func pinned() throws -> Self

  /// What it reads, in this order: paths that were found, sorted, or the name of a database.
  func sources() throws -> [String]

  /// What it reads off the path of a source, besides what is in it; nil: nothing.
  func told(by source: String) throws -> String?

  /// The columns of a source, those that cannot be read among them; nil: all that a reader gives can be.
  ///
  /// Throws where `open` does, but for such a column.
  func columns(of source: String) throws -> [TableColumn]?

  /// Opens one of the sources, to read from its first row on.
  ///
  /// - Parameter columns: those that are wanted, in any order; nil means all. A reader may give more than these.
  ///
  /// Throws a missing input (66) where there is none, and bad data (65) where it is none of its kind.
  func open(_ source: String, columns: Set<String>?) throws -> any TableReader

  /// Whether files of this name, in small letters, are read by its settings, whatever other formats say of the ending.
  func takes(_ name: String) -> Bool

  /// The same format with another file in the place of its own, as where rows are to be predicted.
  ///
  /// Throws a usage error (64) where it reads no files.
  func reading(_ file: String) throws -> Self
}

/// What tells the data of a format from others.
public enum TableIdentity: Sendable {
  /// The bytes of its sources, which are files.
  case bytes
  /// The rows, however they are kept.
  case rows
}

/// A column of a source.
public struct TableColumn: Sendable, Equatable {
  public let name: String
  /// Why it cannot be read: what was expected, and what was found; nil where it can.
  public let refusal: String?

  public init(_ name: String, refusal: String? = nil) { (self.name, self.refusal) = (name, refusal) }
}

extension TableFormat {
  /// The names of a source's columns, those that cannot be read among them.
  package func columnNames(of source: String) throws -> [String] {
    try columns(of: source)?.map(\.name) ?? open(source, columns: nil).fields.map(\.name)
  }

  public func columns(of source: String) throws -> [TableColumn]? { nil }
  public func takes(_ name: String) -> Bool { Self.reads(name) }
  public static var readsStreams: Bool { false }
  public static var identity: TableIdentity { .bytes }
  public func pinned() throws -> Self { self }
  public func told(by source: String) throws -> String? { nil }
  public static var pathSettings: [String] { [] }
  public static var endings: [String] { [] }

  public func draft(path: String) -> String { "\(Self.kind): {files: \(ConfigSetting(path: "", quoting: path).text)}" }
}

/// The formats that a table's `source` can name.
public let tableFormatKinds = Registry<any TableFormat.Type>(
  [
    CSVFormat.self, JSONLinesFormat.self, ParquetFormat.self, NpyFormat.self, NpzFormat.self, HDF5Format.self,
    SQLiteFormat.self, PostgreSQLFormat.self, TextFilesFormat.self, TarFormat.self,
  ], named: { $0.kind }, summary: { $0.summary })
