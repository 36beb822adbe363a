import Configuration
import Diagnostics
import Formats
import Tables
import Tensors

/// A listing with a column more, which a pattern reads off the paths: what divides rows may keep those of a group together.
struct GroupedListing: FileListing {
  static let column = "group"

  let own: any FileListing
  let pattern: PathPattern

  var table: any TableFormat { Format(own.table, path: own.path, pattern) }
  var path: String { own.path }
  var columns: Set<String> { own.columns }
  var parts: [Part?] { own.parts }
  var missing: Set<String> { own.missing }
  func parts(of sources: [String]) -> [Part?] { own.parts(of: sources) }
  var ownTarget: String? { own.ownTarget }
  func bytes(of source: String) throws -> any FileBytes { try own.bytes(of: source) }
  func states() throws -> Digest { try own.states() }
  func listed(by split: any Split) throws -> String? { try own.listed(by: split) }
  func order(of classes: [String]) -> [Int] { own.order(of: classes) }

  private struct Format: TableFormat {
    static let kind = "grouped"
    static let summary = "rows with groups of their paths"

    let own: any TableFormat
    let path: String
    let pattern: PathPattern

    init(_ own: any TableFormat, path: String, _ pattern: PathPattern) {
      (self.own, self.path, self.pattern) = (own, path, pattern)
    }

    // Nobody names it.
    init(_ settings: ConfigReader) throws { throw settings.failure(at: Self.kind, "expected another kind") }
    init(file: String) throws { preconditionFailure("\(file) is no listing") }
    func reading(_ file: String) throws -> Format { Format(try own.reading(file), path: path, pattern) }

    func sources() throws -> [String] { try own.sources() }
    func told(by source: String) throws -> String? { try own.told(by: source) }

    func columns(of source: String) throws -> [TableColumn]? {
      try own.columns(of: source).map { $0 + [TableColumn(GroupedListing.column)] }
    }

    func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
      let rows = try own.open(source, columns: columns.map { $0.subtracting([GroupedListing.column]).union([path]) })
      guard !rows.fields.contains(where: { $0.name == GroupedListing.column }) else {
        throw Failure(
          .badConfiguration, at: source,
          "expected no column 'group', as the pattern of paths makes one, found one", cure: "leave group out")
      }
      return Reader(rows, self)
    }
  }

  private final class Reader: TableReader {
    let fields: [RawField]
    private let rows: any TableReader
    private let format: Format

    init(_ rows: any TableReader, _ format: Format) {
      (self.rows, self.format) = (rows, format)
      fields = rows.fields + [RawField(GroupedListing.column, .text)]
    }

    func next(most: Int) throws -> TableChunk? {
      guard let chunk = try rows.next(most: most) else { return nil }
      var faults = chunk.faults
      let known = Set(faults.map(\.row))
      let groups = (0..<chunk.count).map { row in
        let path = chunk.text(row, of: format.path, in: rows.fields) ?? ""
        let group = format.pattern.group(of: path)
        if group == nil, !known.contains(row) {
          faults.append(RowFault(row: row, "expected a path that \(format.pattern.text) matches, found \(path)"))
        }
        return group ?? ""
      }
      return TableChunk(
        count: chunk.count, columns: chunk.columns + [RawColumn(.texts(TextCells(groups)))], places: chunk.places,
        faults: faults.sorted { $0.row < $1.row })
    }
  }
}
