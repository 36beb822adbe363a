import Diagnostics
import Pictures
import Tables
import Tensors

/// Pictures in shards, with what each part's are and show, in files that are mapped into memory.
package final class PreparedPictures: PreparedFiles {
  /// Digests and counts, as `prepared.json` has them.
  package struct Summary: PreparedSummary {
    package var format = 1
    /// Of the names and bytes of all pictures that were listed, and of the table that lists them.
    package var raw: String
    /// Of each picture's part.
    package var split: String
    /// Of all that was prepared.
    package var prepared: String
    /// The classes of training pictures, in the order of the outputs; nil: numbers are predicted.
    package var classes: [String]?
    /// Whether all pictures are shades of grey, and the height and width that all have, if they have one.
    package var areGrey: Bool
    package var size: [Int]?
    /// Pictures of each part.
    package var rows: [String: Int]
    package var aside: SetAside
    /// Folder, table or archive, without the folders that it lies in.
    package var sources: [String]
    /// Bytes of each shard.
    package var shards: [Int]
  }

  package let directory: String
  package let fitted: FittedPictures
  package let fittedText: String
  package let summary: Summary
  package let parts: KeptParts
  package let shards: PictureShards

  package func names(of part: Part) -> [String] {
    guard let rows = parts[part] else { return [] }
    return (0..<rows.count).map { parts.names[Int(rows.places[2 * $0 + 1])] ?? "" }
  }

  /// Bytes of shards that are read and compared with what was prepared when they are opened; of more, each picture is when it is read.
  static let mostVerified = 1 << 30

  /// Opens what was kept in a directory; throws bad data where it is not whole.
  ///
  /// - Parameter isNew: whether this process has just made it, so that its digests need not be taken again.
  package init(_ directory: String, _ settings: PictureSettings, isNew: Bool = false) throws {
    self.directory = directory
    let summary = try Self.summary(of: directory, .pictures, settings.files) {
      $0.size.map { $0.count == 2 } ?? true
    }
    let form = try settings.form(ofGrey: summary.areGrey, size: summary.size.map { ($0[0], $0[1]) }, at: directory)
    fitted = FittedPictures(form, classes: summary.classes, targets: settings.files.targets)
    (self.summary, fittedText) = (summary, try fitted.json)
    let total = summary.shards.reduce(0, &+)
    shards = try PictureShards(directory, sizes: summary.shards, verifies: !isNew && total <= Self.mostVerified)
    parts = try KeptParts(directory, .pictures, counts: summary.rows, hasClasses: summary.classes != nil)
    guard isNew || parts.fits && digest == summary.prepared else {
      throw Failure(.badData, at: directory, "expected what was prepared, found it changed", cure: "delete the folder")
    }
  }

  /// Of all but what lies in the shards.
  private var digest: String {
    parts.digest(after: [shards.indexDigest(), Digest(of: "\(summary.classes ?? [])")]) { _, rows in
      [rows.places.digest, rows.targetDigest]
    }
  }

  package func report() -> String {
    let bytes = byteText(Double(summary.shards.reduce(0, +)))
    let samples = "samples: \(fitted.height)×\(fitted.width) \(fitted.channels), decoded by \(fitted.decoder)"
    let lines =
      reportLines(.pictures, samples: [samples])
      + ["\(bytes) in \(count(summary.shards.count, "shard")) in \(directory), digest \(summary.prepared)"]
    return lines.joined(separator: "\n") + "\n"
  }
}
