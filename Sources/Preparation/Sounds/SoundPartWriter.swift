import Files
import Tables
import Tensors

/// Writes the clips of each part, what they show, and which sounds they are of.
struct SoundPartWriter {
  private let divided: DividedTable
  private let clips: MappedArray<Float>
  private let settings: SoundSettings
  private let files: PreparedSounds.FileNames
  private let targets: ListedTargets
  /// Those that are predicted; nil: numbers are.
  var classes: [String]? { targets.classes }

  /// Throws where there are not two classes at least in training sounds, or a sound has one that no training sound has.
  init(
    _ divided: DividedTable, _ clips: MappedArray<Float>, _ settings: SoundSettings, _ files: PreparedSounds.FileNames
  ) throws {
    (self.divided, self.clips, self.settings, self.files) = (divided, clips, settings, files)
    targets = try ListedTargets(
      divided, settings.targetRequests, named: settings.classes, plural: "sounds", order: settings.source.order)
  }

  /// Writes all parts; returns the digests of the names, and of each part's numbers, targets and places of names, and how many clips
  /// each part has.
  func write() throws -> (digests: [Digest], counts: [String: Int]) {
    let table = divided.table
    guard case .texts(let texts) = table.columns[ColumnRequest(settings.source.path, .texts)]!,
      case .numbers(let firsts) = table.columns[ColumnRequest(SoundPacker.column, .numbers)]!,
      case .numbers(let counts) = table.columns[ColumnRequest(SoundPacker.clipsColumn, .numbers)]!
    else { preconditionFailure("sounds were collected as something else") }
    let names = try TextWriter(files.names, isKept: true)
    for start in stride(from: 0, to: table.count, by: 4096) {
      try names.append(contentsOf: (start..<min(start + 4096, table.count)).map { texts[$0] })
    }
    var (digests, found) = ([try names.finish().digest], [String: Int]())
    let width = settings.form.count
    for part in Part.allCases {
      let rows = divided.parts.indices.filter { divided.parts[$0] == part }
      let own = rows.reduce(0) { $0 + Int(counts[$1]) }
      found["\(part)"] = own
      guard own > 0 else { continue }
      let (writer, places) = (
        try ArrayWriter<Float>(files.features(part), width: width), try ArrayWriter<Int64>(files.places(part), width: 2)
      )
      for row in rows {
        let (first, count) = (Int(firsts[row]), Int(counts[row]))
        for clip in 0..<count {
          try writer.append(contentsOf: clips.array((first + clip) * width..<(first + clip + 1) * width))
          try places.append(contentsOf: [Int64(row), Int64(clip)])
        }
      }
      let repeated = rows.lazy.flatMap { repeatElement($0, count: Int(counts[$0])) }
      digests += [
        try writer.finish().digest, try targets.write(of: repeated, to: files.targets(part)),
        try places.finish().digest,
      ]
    }
    return (digests, found)
  }
}
