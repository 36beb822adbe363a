import Diagnostics
import Files
import Tables
import Tensors

/// Writes which pictures a part has, and what they show.
struct PicturePartWriter {
  private let divided: DividedTable
  private let settings: PictureSettings
  private let files: PreparedPictures.FileNames
  /// Those that are predicted; nil: numbers are.
  let classes: [String]?
  /// The class of each word.
  private let places: [Int32]

  /// Throws where there are not two classes at least in training pictures, or a picture has one that no training picture has.
  init(_ divided: DividedTable, _ settings: PictureSettings, _ files: PreparedPictures.FileNames) throws {
    (self.divided, self.settings, self.files) = (divided, settings, files)
    guard case .codes(let codes, let words) = divided.table.columns[settings.targetRequests[0]]! else {
      (classes, places) = (nil, [])
      return
    }
    var counts = [Int](repeating: 0, count: words.count)
    for row in divided.parts.indices where divided.parts[row] == .train { counts[Int(codes[row])] += 1 }
    let own = words.indices.filter { counts[$0] > 0 }
    let names = settings.classes ?? settings.source.order(of: own.map { words[$0] }).map { words[own[$0]] }
    guard names.count > 1 else {
      throw Failure(
        .badData, at: divided.table.sources.first,
        "expected two classes of training pictures at least, found \(names.map { "'\($0)'" }.joined())",
        cure: "add pictures of another class")
    }
    let known = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    places = words.map { known[$0] ?? -1 }
    for row in divided.parts.indices where places[Int(codes[row])] < 0 {
      let expected = settings.classes == nil ? "of the training pictures" : "that is named"
      throw Failure(
        .badData, at: divided.table.place(of: row), "expected a class \(expected), found '\(words[Int(codes[row])])'",
        cure: "add training pictures of it, split stratified, or leave it out")
    }
    classes = names
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
      digests += [try writer.finish().digest, try writeTargets(of: rows, part)]
    }
    return digests
  }

  private func writeTargets(of rows: [Int], _ part: Part) throws -> Digest {
    let table = divided.table
    let path = files.targets(part)
    if case .codes(let codes, _) = table.columns[settings.targetRequests[0]]! {
      let writer = try ArrayWriter<Int32>(path)
      for row in rows { try writer.append(contentsOf: CollectionOfOne(places[Int(codes[row])])) }
      return try writer.finish().digest
    }
    let writer = try ArrayWriter<Float>(path, width: settings.targets.count)
    for row in rows {
      for request in settings.targetRequests {
        guard case .numbers(let values) = table.columns[request]! else { continue }
        let value = values[row]
        guard Float(value).isFinite else {
          throw Failure(
            .badData, at: table.place(of: row),
            "column '\(request.name)': expected a number below 3.4e38, found \(value)",
            cure: "correct or delete the row")
        }
        try writer.append(contentsOf: CollectionOfOne(Float(value)))
      }
    }
    return try writer.finish().digest
  }
}
