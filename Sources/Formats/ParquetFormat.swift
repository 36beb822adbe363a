import Configuration
import Diagnostics
import Files
import Parquet
import Tables

/// Parquet files: one, several, or a folder of them, perhaps in parts by the values of columns.
///
/// A folder that is called `region=north` gives each row below it the text `north` in the column `region`; what is called
/// `__HIVE_DEFAULT_PARTITION__` there is missing. Folders above what the settings name give nothing.
public struct ParquetFormat: TableFormat {
  public static let kind = "parquet"
  public static let summary = "Parquet files: columns that know their types; folders like region=north become columns"
  public static let pathSettings = ["files"]
  public static let endings = ["parquet", "parq", "pq"]

  /// Paths, patterns and folders.
  package let files: [String]

  /// Reads files: by paths, patterns (`part-*.parquet`) or folders.
  package init(files: [String]) { self.files = files }

  public init(_ settings: ConfigReader) throws { files = try settings.files() }

  public init(file: String) { self.init(files: [file]) }

  public func reading(_ file: String) -> ParquetFormat { ParquetFormat(files: [file]) }

  /// The paths of the files, in the order of their bytes.
  ///
  /// Throws a missing input (66) where something that the settings name leads to no file, and bad data (65) where files differ
  /// in columns or their types, or in the names of their folders.
  public func sources() throws -> [String] {
    let found = try FilePaths.found(files, endings: Self.endings)
    let first = try described(found[0])
    for file in found.dropFirst() {
      let fields = try described(file)
      guard fields != first else { continue }
      throw Self.difference(fields, at: file.path, from: first, of: found[0].path)
    }
    return found.map(\.path)
  }

  public func columns(of source: String) throws -> [TableColumn]? {
    let own = try ParquetFile(source).columns.map { TableColumn($0.name, refusal: $0.refusal) }
    return own + (try partitions(of: source).map { TableColumn($0.name) })
  }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    let reader = try ParquetReader(source, columns: columns)
    let partitions = try partitions(of: source).filter { columns?.contains($0.name) ?? true }
    return partitions.isEmpty ? reader : PartitionedReader(reader, partitions)
  }

  /// The columns that folders are: `region=north`.
  public func told(by source: String) throws -> String? {
    let partitions = try partitions(of: source)
    return partitions.isEmpty
      ? nil : partitions.map { "\($0.name)=\($0.text ?? Partition.missing)" }.joined(separator: "/")
  }

  /// The type of each column of a file, those of its folders included; what cannot be read has none.
  private func described(_ file: FilePaths.Found) throws -> [String: RawType?] {
    var types = try ParquetFile(file.path).types
    for partition in try Self.partitions(file) {
      guard types.updateValue(.text, forKey: partition.name) == nil else {
        throw Failure(
          .badData, at: file.path,
          "column '\(partition.name)': expected it in the file or in the name of a folder, found both",
          cure: "rename the folder, or write the file without the column")
      }
    }
    return types
  }

  private static func difference(
    _ fields: [String: RawType?], at path: String, from first: [String: RawType?], of firstPath: String
  ) -> Failure {
    func word(_ type: RawType??) -> String {
      switch type {
      case .none: "none"
      case .some(.none): "one that cannot be read"
      case .some(.some(let type)): type.rawValue
      }
    }
    let name = Set(fields.keys).union(first.keys).sorted().first { fields[$0] != first[$0] } ?? ""
    return Failure(
      .badData, at: path,
      "column '\(name)': expected \(word(first[name])), as in \(firstPath), found \(word(fields[name]))",
      cure: "write the files with the same columns, or name those that belong together")
  }

  private func partitions(of source: String) throws -> [Partition] {
    try Self.partitions(FilePaths.found(files, endings: Self.endings).first { $0.path == source })
  }

  /// The columns that the folders of a file are.
  private static func partitions(_ file: FilePaths.Found?) throws -> [Partition] {
    var partitions: [Partition] = []
    for folder in file?.folders ?? [] {
      let parts = folder.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let name = unescaped(parts[0]), let text = unescaped(parts[1]) else { continue }
      guard !partitions.contains(where: { $0.name == name }) else {
        throw Failure(
          .badData, at: file?.path, "column '\(name)': expected one folder of this name, found several",
          cure: "rename one")
      }
      partitions.append(Partition(name: name, text: text == Partition.missing ? nil : text))
    }
    return partitions
  }

  /// What other programs have written as `%3D` and the like; nil where there is no name.
  private static func unescaped(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%"), rest.count >= 2, let code = UInt8(String(Substring(rest.prefix(2))), radix: 16)
      else {
        bytes.append(byte)
        continue
      }
      bytes.append(code)
      rest = rest.dropFirst(2)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

/// A column that is the same in all rows of a file.
private struct Partition {
  let name: String
  /// nil: missing.
  let text: String?

  static let missing = "__HIVE_DEFAULT_PARTITION__"
}

/// The rows of a file, with columns that its folders are behind its own.
private final class PartitionedReader: TableReader {
  let fields: [RawField]
  private let reader: ParquetReader
  private let partitions: [Partition]

  init(_ reader: ParquetReader, _ partitions: [Partition]) {
    (self.reader, self.partitions) = (reader, partitions)
    fields = reader.fields + partitions.map { RawField($0.name, .text) }
  }

  func next(most: Int) throws -> TableChunk? {
    guard let chunk = try reader.next(most: most) else { return nil }
    let more = partitions.map { partition in
      let bytes = Array((partition.text ?? "").utf8)
      // The one text, whatever the row.
      let bounds = (0..<2 * chunk.count).map { $0 % 2 == 0 ? 0 : UInt32(bytes.count) }
      let isMissing = partition.text == nil ? [Bool](repeating: true, count: chunk.count) : []
      return RawColumn(
        .texts(TextCells(bytes: bytes, bounds: bounds, count: chunk.count)), isMissing: isMissing)
    }
    return TableChunk(
      count: chunk.count, columns: chunk.columns + more, places: chunk.places, faults: chunk.faults)
  }
}
