import Configuration
import Diagnostics
import Files
import Formats
import Tables
import Tensors

/// Files by their names: one file, or those of a list with a path in each line.
struct ListedNames: FileListing {
  let names: [String]
  /// What the names start from.
  let root: String
  /// What messages call it.
  let source: String

  /// One file.
  init(file: String) {
    let slash = file.lastIndex(of: "/")
    root = slash.map { String(file[..<$0]) } ?? "."
    (names, source) = ([slash.map { String(file[file.index(after: $0)...]) } ?? file], file)
  }

  /// Those that a list names, one a line; empty lines are passed over.
  init(list: String) throws {
    let text = try textFile(list, limit: 1 << 30)
    // Some editors put a mark of UTF-8 in front.
    names = text.drop { $0 == "\u{FEFF}" }.split(whereSeparator: \.isNewline).map(String.init)
    root = list.lastIndex(of: "/").map { String(list[..<$0]) } ?? "."
    source = list
  }

  let path = "path"
  let columns: Set<String> = []
  let missing: Set<String> = [""]
  var table: any TableFormat { Format(names: names, source: source) }
  func bytes(of source: String) -> any FileBytes { ListedFiles(root: root, column: path) }
  func states() throws -> Digest { try states { _ in ListedFiles(root: root, column: path) } }

  private struct Format: TableFormat {
    static let kind = "names"
    static let summary = "names of files"
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
