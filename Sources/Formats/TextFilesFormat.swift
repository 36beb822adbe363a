import Configuration
import Diagnostics
import Files
import Synchronization
import Tables

/// Files of text, each of which is a row: a folder in the folder is a class.
///
/// | column | |
/// |---|---|
/// | `text` | what is in the file, UTF-8, unpacked; missing where it is empty |
/// | `class` | the folders between that which was named and the file: `spam`, `sport/tennis`; missing where there is none |
/// | `file` | these folders, and the file's name |
public struct TextFilesFormat: TableFormat {
  public static let kind = "text-files"
  public static let summary = "files of text, a row each: its text, the folder that it is in (class), its name"
  public static let pathSettings = ["files"]
  /// Of names in folders, where none are named.
  package static let usualEndings = ["txt", "txt.gz", "txt.zst"]

  /// Paths, patterns and folders.
  private var files: [String]
  /// Of names in folders.
  private let endings: [String]
  private let folders = Folders()

  /// The folders of each file that was found.
  private final class Folders: Sendable {
    let known = Mutex<[String: [String]]>([:])
  }

  public init(_ settings: ConfigReader) throws {
    files = try settings.files()
    endings = try settings.strings("endings", default: Self.usualEndings).map { $0.lowercased() }
    guard endings.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }), !endings.isEmpty else {
      throw settings.failure(at: "endings", "expected endings of names without a point", cure: "write [txt, md]")
    }
  }

  public init(file: String) { (files, endings) = ([file], ["txt"]) }

  private init(_ file: String, endings: [String]) { (files, self.endings) = ([file], endings) }

  public func sources() throws -> [String] {
    let found = try FilePaths.found(files, endings: endings, linksAreOne: false)
    folders.known.withLock { known in for file in found { known[file.path] = file.folders } }
    return found.map(\.path)
  }

  private func folders(of source: String) throws -> [String] {
    if let known = folders.known.withLock({ $0[source] }) { return known }
    _ = try sources()
    return folders.known.withLock { $0[source] } ?? []
  }

  public func told(by source: String) throws -> String? {
    (try folders(of: source) + [name(of: source)]).joined(separator: "/")
  }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    func reader(_ file: String) throws -> TextFileReader {
      TextFileReader(file, folders: try folders(of: file), name: name(of: file))
    }
    // A folder of new texts is one input.
    guard isDirectory(source) else { return try reader(source) }
    return TextFolderReader(try sources().map(reader))
  }

  public func takes(_ name: String) -> Bool { endings.contains { name.hasSuffix(".\($0)") } }

  public func reading(_ file: String) -> TextFilesFormat { TextFilesFormat(file, endings: endings) }

  private func name(of source: String) -> String { source.split(separator: "/").last.map(String.init) ?? source }
}

/// The rows of several files, one after the other.
private final class TextFolderReader: TableReader {
  let fields = TextFileReader.columns
  private var readers: ArraySlice<TextFileReader>

  init(_ readers: [TextFileReader]) { self.readers = readers[...] }

  func next(most: Int) throws -> TableChunk? { try readers.popFirst()?.next(most: most) }
}

/// The one row of a file.
private final class TextFileReader: TableReader {
  static let columns = [RawField("text", .text), RawField("class", .text), RawField("file", .text)]
  let fields = TextFileReader.columns
  private let source: String
  private let folders: [String]
  private let name: String
  private var isDone = false

  init(_ source: String, folders: [String], name: String) {
    (self.source, self.folders, self.name) = (source, folders, name)
  }

  func next(most: Int) throws -> TableChunk? {
    guard !isDone else { return nil }
    isDone = true
    let bytes = try ByteReader(source).contents(limit: 1 << 30, memory: 4, fewer: "letters")
    let text = String(validating: bytes, as: UTF8.self)
    let fault = text == nil ? [RowFault(row: 0, column: "text", "expected UTF-8 text, found other bytes")] : []
    let label = folders.joined(separator: "/")
    func column(_ text: String) -> RawColumn { RawColumn(.texts(TextCells([text])), isMissing: [text.isEmpty]) }
    return TableChunk(
      count: 1, columns: [column(text ?? ""), column(label), column((folders + [name]).joined(separator: "/"))],
      places: RowPlaces(source, first: 1), faults: fault)
  }
}
