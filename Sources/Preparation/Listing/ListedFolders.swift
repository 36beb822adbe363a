import Configuration
import Diagnostics
import Files
import Formats
import Tables
import Tensors

/// Folders of pictures, or of sounds, with a folder in them for each class.
///
/// ```
/// train/cat/001.jpg     path cat/001.jpg, class cat
/// train/cat/old/7.png   path cat/old/7.png, class cat
/// ```
package struct ListedFolders: FileListing {
  /// In the order in which they are read, each with what its files are for; nil: a split says it.
  package let folders: [(path: String, part: Part?)]
  /// Whether each file has to have a class.
  let needsClasses: Bool
  let kind: ListedKind

  package init(_ folders: [(path: String, part: Part?)], of kind: ListedKind = .pictures, needsClasses: Bool = true) {
    (self.folders, self.kind, self.needsClasses) = (folders, kind, needsClasses)
  }

  package static let classColumn = "class"
  package let path = "path"
  package let columns: Set<String> = []
  package var table: any TableFormat { FolderFormat(folders.map(\.path), kind, needsClasses: needsClasses) }
  package var parts: [Part?] { folders.map(\.part) }
  package func parts(of sources: [String]) -> [Part?] {
    let known = Dictionary(folders.map { ($0.path, $0.part) }) { first, _ in first }
    return sources.map { known[$0] ?? nil }
  }
  package var ownTarget: String? { Self.classColumn }
  package func bytes(of source: String) -> any FileBytes { ListedFiles(root: source, column: path) }
  package func states() throws -> Digest { try states { ListedFiles(root: $0, column: path) } }
  /// A class may be called `NA`.
  package let missing: Set<String> = [""]

  package func order(of classes: [String]) -> [Int] {
    classes.indices.sorted { classes[$0].utf8.lexicographicallyPrecedes(classes[$1].utf8) }
  }
}

/// The rows of folders: the paths of their files below them, and their classes.
private struct FolderFormat: TableFormat {
  static let kind = "folder"
  static let summary = "folders of pictures or sounds"

  let folders: [String]
  let listed: ListedKind
  let needsClasses: Bool

  init(_ folders: [String], _ listed: ListedKind, needsClasses: Bool) {
    (self.folders, self.listed, self.needsClasses) = (folders, listed, needsClasses)
  }
  init(_ settings: ConfigReader) throws { self.init([try settings.filePath("folder")], .pictures, needsClasses: true) }
  init(file: String) { self.init([file], .pictures, needsClasses: true) }
  func reading(_ file: String) -> FolderFormat { FolderFormat([file], listed, needsClasses: needsClasses) }

  func sources() -> [String] { folders }

  func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    try FolderReader(source, listed, needsClasses: needsClasses)
  }
}

/// All that is listed in a folder and the folders in it, in the order of their paths' bytes.
private final class FolderReader: TableReader {
  let fields = [RawField("path", .text), RawField(ListedFolders.classColumn, .text)]
  private let folder: String
  private let found: [FilePaths.Found]
  private var next = 0

  init(_ folder: String, _ kind: ListedKind, needsClasses: Bool) throws {
    self.folder = folder
    guard isDirectory(folder) else {
      throw Failure(
        .missingInput, at: folder, "expected a folder of \(kind.plural), found \(exists(folder) ? "a file" : "none")",
        cure: "check the path")
    }
    found = try FilePaths.found([folder], endings: kind.endings, linksAreOne: false)
    guard needsClasses else { return }
    guard found.contains(where: { !$0.folders.isEmpty }) else {
      throw Failure(
        .badData, at: folder, "expected a folder for each class, found \(kind.plural) alone",
        cure: "put the \(kind.plural) of each class into a folder of its name")
    }
    let classes = Set(found.compactMap(\.folders.first))
    for name in try directoryNames(folder) where !name.hasPrefix(".") && !name.hasPrefix("_") && !classes.contains(name)
    {
      guard isDirectory("\(folder)/\(name)") else { continue }
      throw Failure(
        .badData, at: "\(folder)/\(name)", "expected \(kind.plural) of the class '\(name)', found none",
        cure: "put some there, or remove the folder")
    }
  }

  func next(most: Int) -> TableChunk? {
    guard next < found.count else { return nil }
    let rows = found[next..<min(next + most, found.count)]
    defer { next += rows.count }
    let paths = rows.map { String($0.path.dropFirst(folder.count + (folder.hasSuffix("/") ? 0 : 1))) }
    return TableChunk(
      count: rows.count,
      columns: [
        RawColumn(.texts(TextCells(paths))),
        RawColumn(
          .texts(TextCells(rows.map { $0.folders.first ?? "" })), isMissing: rows.map { $0.folders.isEmpty }),
      ], places: RowPlaces(folder, first: next + 1))
  }
}
