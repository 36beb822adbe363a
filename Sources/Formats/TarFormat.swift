import Configuration
import Diagnostics
import Files
import Tables

/// Tar archives of texts in webdataset's form: files that follow each other and have the same name up to a point are a row.
///
/// | column | |
/// |---|---|
/// | `key` | the common name |
/// | `txt`, `cls`, … | what is in the file that ends so, UTF-8 without the white space around it; missing where there is none |
/// | `json.label`, … | a text or a number in the JSON object of the file that ends in `json` |
public struct TarFormat: TableFormat {
  public static let kind = "tar"
  public static let summary = "webdataset's tar archives of texts: a row the files of one name, a column an ending"
  public static let pathSettings = ["files"]
  public static let endings = ["tar"]

  private let files: [String]
  /// Endings, or fields of JSON objects.
  private let columns: [String]

  public init(_ settings: ConfigReader) throws {
    files = try settings.files()
    columns = try settings.strings("columns", default: ["txt", "cls"])
    settings.note("columns", ": endings, or json.FIELD")
    guard !columns.isEmpty, columns.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && $0 != "key" }),
      Set(columns).count == columns.count
    else {
      throw settings.failure(
        at: "columns", "expected endings of names without a point, each once", cure: "write [txt, cls]")
    }
  }

  public init(file: String) { self.init([file], columns: ["txt", "cls"]) }

  private init(_ files: [String], columns: [String]) { (self.files, self.columns) = (files, columns) }

  public func sources() throws -> [String] { try FilePaths.found(files, endings: Self.endings).map(\.path) }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    try TarReader(source, self.columns)
  }

  public func reading(_ file: String) -> TarFormat { TarFormat([file], columns: columns) }
}

/// The samples of an archive, a row each.
private final class TarReader: TableReader {
  let fields: [RawField]
  private let archive: TarArchive
  private let source: String
  private let columns: [String]
  private var next = 0
  private var rows = 0

  init(_ source: String, _ columns: [String]) throws {
    (archive, self.source, self.columns) = (try TarArchive(source), source, columns)
    fields = [RawField("key", .text)] + columns.map { RawField($0, .text) }
  }

  func next(most: Int) -> TableChunk? {
    var (keys, cells) = ([String](), columns.map { _ in [String?]() })
    var faults: [RowFault] = []
    let first = rows + 1
    while keys.count < most, let sample = archive.sample(at: &next) {
      for (place, column) in columns.enumerated() {
        let text = sample.text(of: column, in: archive)
        if text == nil, sample.files.contains(where: { $0.ending == column }) {
          faults.append(RowFault(row: keys.count, column: column, "expected UTF-8 text, found other bytes"))
        }
        cells[place].append(text)
      }
      keys.append(sample.key)
    }
    guard !keys.isEmpty else { return nil }
    rows += keys.count
    let own = cells.map { column in
      RawColumn(.texts(TextCells(column.map { $0 ?? "" })), isMissing: column.map { $0?.isEmpty ?? true })
    }
    return TableChunk(
      count: keys.count, columns: [RawColumn(.texts(TextCells(keys)))] + own, places: RowPlaces(source, first: first),
      faults: faults)
  }
}
