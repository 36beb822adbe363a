import Diagnostics
import Files
import Sounds
import Tables
import Tensors

/// What became of sounds: numbers of each part's clips, what they show, and which sounds they are of, in files that are mapped into
/// memory.
package final class PreparedSounds: PreparedFiles {
  /// Digests and counts, as `prepared.json` has them.
  package struct Summary: PreparedSummary {
    package var format = 1
    /// Of the names and bytes of all sounds that were listed, and of the table that lists them.
    package var raw: String
    /// Of each sound's part.
    package var split: String
    /// Of all that was prepared.
    package var prepared: String
    /// The classes of training sounds, in the order of the outputs; nil: numbers are predicted.
    package var classes: [String]?
    /// Clips and sounds of each part.
    package var clips: [String: Int]
    package var rows: [String: Int]
    package var aside: SetAside
    /// Folder, table or archive, without the folders that it lies in.
    package var sources: [String]
    /// The library that decoded Vorbis; nil: no sound was of that.
    package var vorbis: String?
  }

  package let directory: String
  package let fitted: FittedSounds
  package let fittedText: String
  package let summary: Summary
  package let parts: KeptParts
  private let features: [Part: MappedArray<Float>]

  /// N×T×F numbers of the clips of a part; nil where there are none.
  package func features(of part: Part) -> MappedArray<Float>? { features[part] }

  package func names(of part: Part) -> [String] {
    guard let rows = parts[part] else { return [] }
    return (0..<rows.count).filter { rows.places[2 * $0 + 1] == 0 }.map {
      parts.names[Int(rows.places[2 * $0])] ?? ""
    }
  }

  package func files(of part: Part) -> [Int32]? {
    guard let rows = parts[part] else { return nil }
    var file: Int32 = -1
    return (0..<rows.count).map { clip in
      if rows.places[2 * clip + 1] == 0 { file += 1 }
      return file
    }
  }

  /// Opens what was kept in a directory; throws bad data where it is not whole.
  ///
  /// - Parameter isNew: whether this process has just made it, so that its digests need not be taken again.
  package init(_ directory: String, _ settings: SoundSettings, isNew: Bool = false) throws {
    self.directory = directory
    let summary = try Self.summary(of: directory, .sounds, settings.files)
    fitted = FittedSounds(
      settings.form, classes: summary.classes, targets: settings.files.targets, vorbis: summary.vorbis)
    (self.summary, fittedText) = (summary, try fitted.json)
    parts = try KeptParts(directory, .sounds, counts: summary.clips, hasClasses: summary.classes != nil)
    var (features, fits) = ([Part: MappedArray<Float>](), parts.fits)
    for part in Part.allCases {
      guard let rows = parts[part] else { continue }
      let own = try MappedArray<Float>(Self.features(part, in: directory))
      let each = settings.form.count
      fits = fits && own.count.isMultiple(of: each) && own.count / each == rows.count
      features[part] = own
    }
    self.features = features
    guard fits, isNew || digest == summary.prepared else {
      throw Failure(.badData, at: directory, "expected what was prepared, found it changed", cure: "delete the folder")
    }
  }

  private var digest: String {
    parts.digest(after: [Digest(of: "\(summary.classes ?? [])")]) { part, rows in
      [features[part]!.digest, rows.targetDigest, rows.places.digest]
    }
  }

  package func report() -> String {
    let clips = summary.clips != summary.rows ? ["clips: \(Self.told(summary.clips))"] : []
    let lines =
      reportLines(.sounds, samples: clips + ["samples: \(fitted.shape), decoded by \(fitted.decoder)"])
      + ["kept in \(directory), digest \(summary.prepared)"]
    return lines.joined(separator: "\n") + "\n"
  }

  static func features(_ part: Part, in directory: String) -> String { "\(directory)/\(part).features.npy" }
}
