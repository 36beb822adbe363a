import Diagnostics
import Files
import Foundation
import Pictures
import Tables
import Tensors

/// Pictures in shards, with what each part's are and show, in files that are mapped into memory.
package final class PreparedPictures: Sendable {
  /// Of one part. Letters: N pictures, W targets.
  package struct Rows: Sendable {
    /// N×2: its place in the shards, and that of its name.
    package let places: MappedArray<Int64>
    package let targets: PreparedTable.Targets
    package let count: Int
  }

  /// Digests and counts, as `prepared.json` has them.
  package struct Summary: Sendable, Equatable, Codable {
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
  /// The same as a checkpoint keeps it.
  package let fittedText: String
  package let summary: Summary
  package let shards: PictureShards
  private let parts: [Part: Rows]
  private let names: MappedTexts

  /// The pictures of a part; nil where there are none.
  package subscript(part: Part) -> Rows? { parts[part] }

  /// The name of a picture of a part.
  package func name(_ sample: Int, of part: Part) -> String {
    parts[part].flatMap { names[Int($0.places[2 * sample + 1])] } ?? ""
  }

  /// Bytes of shards that are read and compared with what was prepared when they are opened; of more, each picture is when it is read.
  static let mostVerified = 1 << 30

  /// Opens what was kept in a directory; throws bad data where it is not whole.
  ///
  /// - Parameter isNew: whether this process has just made it, so that its digests need not be taken again.
  package init(_ directory: String, _ settings: PictureSettings, isNew: Bool = false) throws {
    self.directory = directory
    let files = FileNames(directory)
    guard let summary = Self.summary(of: directory), summary.size.map({ $0.count == 2 }) ?? true,
      (summary.classes == nil) == settings.predictsNumbers
    else {
      if access(files.summary, R_OK) != 0, errno == EACCES {
        throw Failure.system(
          "open", files.summary, errno: EACCES, reading: true, cure: "ask who prepared it for the right to read it")
      }
      throw Failure(.badData, at: directory, "expected prepared pictures, found a damaged folder", cure: "delete it")
    }
    let form = try settings.form(ofGrey: summary.areGrey, size: summary.size.map { ($0[0], $0[1]) }, at: directory)
    fitted = FittedPictures(form, classes: summary.classes, targets: settings.targets)
    (self.summary, fittedText) = (summary, try fitted.json)
    let total = summary.shards.reduce(0, &+)
    shards = try PictureShards(directory, sizes: summary.shards, verifies: !isNew && total <= Self.mostVerified)
    names = try MappedTexts(files.names)
    var parts: [Part: Rows] = [:]
    for part in Part.allCases {
      guard let count = summary.rows["\(part)"], count > 0 else { continue }
      let places = try MappedArray<Int64>(files.places(part))
      let targets: PreparedTable.Targets =
        fitted.classes == nil
        ? .values(try MappedArray(files.targets(part))) : .classes(try MappedArray(files.targets(part)))
      parts[part] = Rows(places: places, targets: targets, count: count)
    }
    self.parts = parts
    guard try isNew || isWhole(files) else {
      throw Failure(.badData, at: directory, "expected what was prepared, found it changed", cure: "delete the folder")
    }
  }

  /// Whether all but the shards is what it was.
  private func isWhole(_ files: FileNames) throws -> Bool {
    var digests = [shards.indexDigest(), Digest(of: "\(summary.classes ?? [])"), names.digest]
    for part in Part.allCases {
      guard let rows = parts[part] else { continue }
      digests += [rows.places.digest, Self.digest(of: rows.targets)]
      guard rows.places.count % 2 == 0, rows.places.count / 2 == rows.count else { return false }
    }
    return Self.joined(digests) == summary.prepared
  }

  static func digest(of targets: PreparedTable.Targets) -> Digest {
    switch targets {
    case .classes(let classes): classes.digest
    case .values(let values): values.digest
    }
  }

  static func joined(_ digests: [Digest]) -> String { Digest(of: digests.map { "\($0)\n" }.joined()).description }

  /// What is told of what lies in a directory; nil where that is nothing prepared.
  static func summary(of directory: String) -> Summary? {
    let text = try? Data(contentsOf: URL(fileURLWithPath: FileNames(directory).summary))
    return text.flatMap { try? JSONDecoder().decode(Summary.self, from: $0) }
  }

  /// The files of a directory.
  struct FileNames {
    let directory: String
    init(_ directory: String) { self.directory = directory }

    var summary: String { "\(directory)/prepared.json" }
    var quarantine: String { "\(directory)/quarantine.csv" }
    var names: String { "\(directory)/names.npy" }
    func places(_ part: Part) -> String { "\(directory)/\(part).pictures.npy" }
    func targets(_ part: Part) -> String { "\(directory)/\(part).targets.npy" }
  }
}

extension MappedArray {
  /// SHA-256 of all numbers.
  var digest: Digest {
    let hash = StreamingDigest()
    forEachBlock { hash.update(UnsafeRawBufferPointer($1)) }
    return hash.finish()
  }
}
