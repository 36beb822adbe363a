import Files
import Tables
import Tensors

/// Writes which pictures a part has, and what they show.
struct PicturePartWriter {
  private let divided: DividedTable
  private let settings: PictureSettings
  private let files: PreparedPictures.FileNames
  private let targets: ListedTargets
  /// Those that are predicted; nil: numbers are.
  var classes: [String]? { targets.classes }

  /// Throws where there are not two classes at least in training pictures, or a picture has one that no training picture has.
  init(_ divided: DividedTable, _ settings: PictureSettings, _ files: PreparedPictures.FileNames) throws {
    (self.divided, self.settings, self.files) = (divided, settings, files)
    targets = try ListedTargets(
      divided, settings.targetRequests, named: settings.classes, plural: "pictures", order: settings.source.order)
  }

  /// Writes all parts; returns the digests of the names, and of each part's pictures and targets.
  func write() throws -> [Digest] {
    let table = divided.table
    guard case .texts(let texts) = table.columns[ColumnRequest(settings.source.path, .texts)]!,
      case .numbers(let shelves) = table.columns[ColumnRequest(PicturePacker.column, .numbers)]!
    else { preconditionFailure("pictures were collected as something else") }
    let names = try TextWriter(files.names, isKept: true)
    for start in stride(from: 0, to: table.count, by: 4096) {
      try names.append(contentsOf: (start..<min(start + 4096, table.count)).map { texts[$0] })
    }
    var digests = [try names.finish().digest]
    for part in Part.allCases where divided.count(of: part) > 0 {
      let rows = divided.parts.indices.filter { divided.parts[$0] == part }
      let writer = try ArrayWriter<Int64>(files.places(part), width: 2)
      for row in rows { try writer.append(contentsOf: [Int64(shelves[row]), Int64(row)]) }
      digests += [try writer.finish().digest, try targets.write(of: rows, to: files.targets(part))]
    }
    return digests
  }
}
