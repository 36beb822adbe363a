import Configuration
import Diagnostics
import Files
import Formats
import Pictures
import Tables
import Tensors

/// Pictures by their names: one file, or those of a list with a path in each line.
struct PictureNames: PictureListing {
  let names: [String]
  /// What the names start from.
  let root: String
  /// What messages call it.
  let source: String

  /// One picture.
  init(file: String) {
    let slash = file.lastIndex(of: "/")
    root = slash.map { String(file[..<$0]) } ?? "."
    (names, source) = ([slash.map { String(file[file.index(after: $0)...]) } ?? file], file)
  }

  /// Those that a list names, one a line; empty lines are passed over.
  init(list: String) throws {
    let text = try textFile(list, limit: 1 << 30)
    names = text.split(whereSeparator: \.isNewline).map(String.init)
    root = list.lastIndex(of: "/").map { String(list[..<$0]) } ?? "."
    source = list
  }

  let path = "path"
  let columns: Set<String> = []
  let missing: Set<String> = [""]
  var table: any TableFormat { Format(names: names, source: source) }
  func part(of source: String) -> Part? { nil }
  func bytes(of source: String) -> any PictureBytes { PictureFiles(root: root, column: path) }
  func states() throws -> Digest { try states { _ in PictureFiles(root: root, column: path) } }

  private struct Format: TableFormat {
    static let kind = "names"
    static let summary = "names of pictures"
    let names: [String]
    let source: String

    init(names: [String], source: String) { (self.names, self.source) = (names, source) }
    init(_ settings: ConfigReader) throws { self.init(names: [], source: "") }
    init(file: String) { self.init(names: [file], source: file) }
    func reading(_ file: String) -> Format { Format(file: file) }
    func sources() -> [String] { [source] }
    func open(_ source: String, columns: Set<String>?) -> any TableReader { Reader(names, source) }
  }

  private final class Reader: TableReader {
    let fields = [RawField("path", .text)]
    private let names: [String]
    private let source: String
    private var place = 0

    init(_ names: [String], _ source: String) { (self.names, self.source) = (names, source) }

    func next(most: Int) -> TableChunk? {
      guard place < names.count else { return nil }
      let rows = Array(names[place..<min(place + most, names.count)])
      defer { place += rows.count }
      return TableChunk(
        count: rows.count, columns: [RawColumn(.texts(TextCells(rows)))], places: RowPlaces(source, first: place + 1))
    }
  }
}

extension PictureSettings {
  /// What lists other pictures than those of the settings: a folder, a table, an archive, one picture, or a list of names.
  ///
  /// - Parameter needsTargets: whether each has to have what is predicted, to be measured on.
  package func listing(of path: String, needsTargets: Bool) throws -> any PictureListing {
    if isDirectory(path) { return PictureFolders([(path, nil)], needsClasses: needsTargets) }
    guard exists(path) else {
      throw Failure(
        .missingInput, at: path, "expected a folder, a table, or a picture, found none", cure: "check the path")
    }
    let name = path.lowercased()
    if PictureKind.endings.contains(where: { name.hasSuffix(".\($0)") }), !needsTargets {
      return PictureNames(file: path)
    }
    if name.hasSuffix(".txt"), !needsTargets { return try PictureNames(list: path) }
    if let archives = archives(of: path) { return archives }
    if let table = source as? PictureTable { return try table.reading(path) }
    return PictureTable(try tableFormat(of: path), path: "path", root: nil)
  }
}
