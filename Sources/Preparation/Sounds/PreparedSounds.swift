import Diagnostics
import Files
import Foundation
import Sounds
import Tables
import Tensors

/// What became of sounds: numbers of each part's clips, what they show, and which sounds they are of, in files that are mapped into
/// memory.
package final class PreparedSounds: Sendable {
  /// Of one part. Letters: N clips, T×F numbers of each.
  package struct Rows: Sendable {
    /// N×T×F
    package let features: MappedArray<Float>
    package let targets: PreparedTable.Targets
    /// N×2: the place of its sound's name, and which clip of it that is.
    package let places: MappedArray<Int64>
    package let count: Int
  }

  /// Digests and counts, as `prepared.json` has them.
  package struct Summary: Sendable, Equatable, Codable {
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
  }

  package let directory: String
  package let fitted: FittedSounds
  /// The same as a checkpoint keeps it.
  package let fittedText: String
  package let summary: Summary
  private let parts: [Part: Rows]
  private let names: MappedTexts

  /// The clips of a part; nil where there are none.
  package subscript(part: Part) -> Rows? { parts[part] }

  /// The names of the sounds of a part, in their order.
  package func names(of part: Part) -> [String] {
    guard let rows = parts[part] else { return [] }
    return (0..<rows.count).filter { rows.places[2 * $0 + 1] == 0 }.map { names[Int(rows.places[2 * $0])] ?? "" }
  }

  /// Opens what was kept in a directory; throws bad data where it is not whole.
  ///
  /// - Parameter isNew: whether this process has just made it, so that its digests need not be taken again.
  package init(_ directory: String, _ settings: SoundSettings, isNew: Bool = false) throws {
    self.directory = directory
    let files = FileNames(directory)
    guard let summary = Self.summary(of: directory), (summary.classes == nil) == settings.predictsNumbers else {
      if access(files.summary, R_OK) != 0, errno == EACCES {
        throw Failure.system(
          "open", files.summary, errno: EACCES, reading: true, cure: "ask who prepared it for the right to read it")
      }
      throw Failure(.badData, at: directory, "expected prepared sounds, found a damaged folder", cure: "delete it")
    }
    fitted = FittedSounds(settings.form, classes: summary.classes, targets: settings.targets)
    (self.summary, fittedText) = (summary, try fitted.json)
    names = try MappedTexts(files.names)
    var (parts, digests, fits) = ([Part: Rows](), [Digest](), true)
    if !isNew { digests.append(names.digest) }
    for part in Part.allCases {
      guard let count = summary.clips["\(part)"], count > 0 else { continue }
      let targets: PreparedTable.Targets =
        summary.classes == nil
        ? .values(try MappedArray(files.targets(part))) : .classes(try MappedArray(files.targets(part)))
      let rows = Rows(
        features: try MappedArray(files.features(part)), targets: targets, places: try MappedArray(files.places(part)),
        count: count)
      fits = fits && rows.features.count == count * settings.form.count && rows.places.count == 2 * count
      if !isNew { digests += [rows.features.digest, PreparedPictures.digest(of: targets), rows.places.digest] }
      parts[part] = rows
    }
    self.parts = parts
    guard fits, isNew || Self.joined(digests, classes: summary.classes) == summary.prepared else {
      throw Failure(.badData, at: directory, "expected what was prepared, found it changed", cure: "delete the folder")
    }
  }

  static func joined(_ digests: [Digest], classes: [String]?) -> String {
    PreparedPictures.joined([Digest(of: "\(classes ?? [])")] + digests)
  }

  /// What is told of what lies in a directory; nil where that is nothing prepared.
  static func summary(of directory: String) -> Summary? {
    let text = try? Data(contentsOf: URL(fileURLWithPath: FileNames(directory).summary))
    return text.flatMap { try? JSONDecoder().decode(Summary.self, from: $0) }
  }

  /// What was read, what was set aside, and what came of it: lines of text.
  package func report() -> String {
    let aside = summary.aside
    var lines = [
      "\(count(aside.read, "sound")) of \(summary.sources.map { $0.prefix { $0 != " " } }.joined(separator: ", "))"
    ]
    if aside.faulty > 0 {
      lines.append("\(grouped(aside.faulty)) set aside, with reasons in \(directory)/quarantine.csv")
      lines += aside.examples.map { "  \($0)" }
    }
    lines += aside.incomplete.sorted { $0.key < $1.key }.map { "\(grouped($1)) passed over without a value of '\($0)'" }
    func told(_ counts: [String: Int]) -> String {
      Part.allCases.compactMap { part in
        counts["\(part)"].flatMap { $0 > 0 ? "\(part) \(grouped($0))" : nil }
      }.joined(separator: ", ")
    }
    lines.append("sounds: \(told(summary.rows))")
    if summary.clips != summary.rows { lines.append("clips: \(told(summary.clips))") }
    lines.append("samples: \(fitted.shape), decoded by \(fitted.decoder)")
    if let classes = fitted.classes {
      let names = classes.prefix(8).joined(separator: ", ")
      lines.append("classes: \(names)\(classes.count > 8 ? " and \(classes.count - 8) more" : "")".shown())
    }
    lines.append("kept in \(directory), digest \(summary.prepared)")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The files of a directory.
  struct FileNames {
    let directory: String
    init(_ directory: String) { self.directory = directory }

    var summary: String { "\(directory)/prepared.json" }
    var quarantine: String { "\(directory)/quarantine.csv" }
    var names: String { "\(directory)/names.npy" }
    func features(_ part: Part) -> String { "\(directory)/\(part).features.npy" }
    func targets(_ part: Part) -> String { "\(directory)/\(part).targets.npy" }
    func places(_ part: Part) -> String { "\(directory)/\(part).sounds.npy" }
  }
}
