import Configuration
import Diagnostics
import Files
import Formats
import Tables
import Tensors

/// Tar archives of files and what they show, in webdataset's form: each `TarSample` is one.
package struct ListedArchives: FileListing {
  /// Paths and patterns, with what their files are for; nil: a split says it.
  let archives: [(paths: [String], part: Part?)]
  /// The ending of what tells a sample's target: `cls`, `txt`, or `json.label`, a field of a JSON object; nil: nothing is to.
  let target: String?
  let kind: ListedKind

  package init(_ archives: [(paths: [String], part: Part?)], of kind: ListedKind = .pictures, target: String?) {
    (self.archives, self.kind, self.target) = (archives, kind, target)
  }

  /// Endings of archives' names: also of packed ones, which are told how to be unpacked when they are opened.
  package static let endings = ["tar", "tgz", "tar.gz"]

  fileprivate static func found(_ paths: [String]) throws -> [String] {
    // A packed copy beside an archive in a folder is not read; one that is named is refused.
    try FilePaths.found(paths, endings: ["tar"]).map(\.path)
  }

  static let offsetColumn = "\u{0}offset"
  static let sizeColumn = "\u{0}size"
  package let path = "path"
  package let columns: Set<String> = [offsetColumn, sizeColumn]
  package let missing: Set<String> = [""]
  package var table: any TableFormat { Format(archives.map(\.paths), kind, target) }
  package var parts: [Part?] { archives.map(\.part) }
  package func parts(of sources: [String]) -> [Part?] {
    let named = archives.flatMap { archive in ((try? Self.found(archive.paths)) ?? []).map { ($0, archive.part) } }
    let known = Dictionary(named) { first, _ in first }
    return sources.map { known[$0] ?? nil }
  }
  package var ownTarget: String? { target }

  package func bytes(of source: String) throws -> any FileBytes { Bytes(file: try MappedBytes(source)) }

  package func states() throws -> Digest {
    let lines = try table.sources().map { "\($0.split(separator: "/").last ?? "") \(stateText($0))\n" }
    return Digest(of: lines.joined())
  }

  private struct Bytes: FileBytes {
    let file: MappedBytes

    func place(_ row: Int, of chunk: TableChunk, in fields: [RawField]) throws(FileFault) -> FilePlace {
      func number(_ column: String) -> Int {
        guard let place = fields.firstIndex(where: { $0.name == column }),
          case .integers(let values) = chunk.columns[place].values
        else { return 0 }
        return Int(values[row])
      }
      let start = number(ListedArchives.offsetColumn)
      return .archive(file, start..<start + number(ListedArchives.sizeColumn))
    }
  }

  private struct Format: TableFormat {
    static let kind = "tar"
    static let summary = "tar archives of pictures or sounds"
    /// Those of a part beside those of the next.
    let archives: [[String]]
    let listed: ListedKind
    let target: String?

    init(_ archives: [[String]], _ listed: ListedKind, _ target: String?) {
      (self.archives, self.listed, self.target) = (archives, listed, target)
    }
    init(_ settings: ConfigReader) throws { self.init([[try settings.filePath("files")]], .pictures, nil) }
    init(file: String) { self.init([[file]], .pictures, nil) }
    func reading(_ file: String) -> Format { Format([[file]], listed, target) }
    func sources() throws -> [String] {
      let found = try archives.flatMap(ListedArchives.found)
      var seen: Set<FileIdentity> = []
      if let twice = found.first(where: { FileIdentity($0).map { !seen.insert($0).inserted } ?? false }) {
        throw Failure(
          .badConfiguration, at: twice, "expected each archive once, found it named twice",
          cure: "name other archives for training than for validation and test")
      }
      return found
    }
    func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
      try ArchiveReader(source, listed, target)
    }
  }
}

/// The samples of an archive, a row each.
private final class ArchiveReader: TableReader {
  let fields: [RawField]
  private let archive: TarArchive
  private let path: String
  private let listed: ListedKind
  private let target: String?
  private var next = 0
  private var samples = 0

  init(_ path: String, _ listed: ListedKind, _ target: String?) throws {
    (archive, self.path, self.listed, self.target) = (try TarArchive(path), path, listed, target)
    let own = [RawField("path", .text)] + (target.map { [RawField($0, .text)] } ?? [])
    fields =
      own + [RawField(ListedArchives.offsetColumn, .integer), RawField(ListedArchives.sizeColumn, .integer)]
  }

  func next(most: Int) -> TableChunk? {
    var (names, targets, offsets, sizes) = ([String](), [String](), [Int64](), [Int64]())
    var faults: [RowFault] = []
    let first = samples + 1
    while names.count < most, let sample = archive.sample(at: &next) {
      let file = sample.files.first { listed.endings.contains($0.ending.lowercased()) }
      if file == nil {
        let found = sample.files.prefix(5).map { ".\($0.ending)" }.joined(separator: ", ")
        faults.append(RowFault(row: names.count, "\(sample.key): expected a \(listed.noun), found \(found)"))
      }
      names.append(sample.key)
      targets.append(target.flatMap { sample.text(of: $0, in: archive) } ?? "")
      offsets.append(Int64(file?.range.lowerBound ?? 0))
      sizes.append(Int64(file?.range.count ?? 0))
    }
    guard !names.isEmpty else { return nil }
    samples += names.count
    var columns = [RawColumn(.texts(TextCells(names)))]
    if target != nil { columns.append(RawColumn(.texts(TextCells(targets)), isMissing: targets.map(\.isEmpty))) }
    columns += [RawColumn(.integers(offsets)), RawColumn(.integers(sizes))]
    return TableChunk(count: names.count, columns: columns, places: RowPlaces(path, first: first), faults: faults)
  }
}
