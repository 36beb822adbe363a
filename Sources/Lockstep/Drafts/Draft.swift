import Diagnostics
import Files
import Formats
import Foundation
import Preparation

/// A configuration for data that somebody has, written after a look at them.
package protocol Draft {
  /// The configuration, with comments.
  var yaml: String { get }
  /// What is to be predicted, in a line.
  var found: String { get }
  /// What is to be known before it is trained, a line each.
  var notes: [String] { get }
}

extension Draft {
  /// Writes the configuration.
  package func write(to path: String) throws { try yaml.write(toRunFile: path) }
}

/// Looks at data: a table, whose column `target` is to be predicted, a folder of pictures, sounds or texts with a folder for each
/// class, or one text, whose next piece is.
///
/// - Parameter configuration: where it will be written to.
///
/// Throws a missing input (66), bad data (65), and a usage error (64) where a table has no such column, or something else has one.
package func draft(of data: String, target: String?, configuration: String) throws -> any Draft {
  let isNamed = !data.hasPrefix("{") && !data.contains { "*?[".contains($0) }
  guard !isNamed || exists(data) else {
    throw Failure(
      .missingInput, at: data, "expected a table, a folder or a text, found none", cure: "check the path")
  }
  if let target { return try draftOfTable(data, target, configuration) }
  let place = DraftPlace(configuration: configuration)
  if isDirectory(data), let look = try FolderLook(data) {
    switch look.kind {
    case .pictures: return try PictureDraft(look, place)
    case .sounds: return try SoundDraft(look, place)
    case .texts: return try TextFilesDraft(look, place)
    }
  }
  if isNamed, !isDirectory(data) {
    if CorpusDraft.takes(data) { return try CorpusDraft(data, place) }
    if let kind = FolderLook.Kind.allCases.first(where: { $0.has(data) }) {
      throw Failure(
        .usage, at: data, "expected a folder with a folder for each class, found one \(kind.noun)",
        cure: "put the \(kind.plural) of each class into a folder of its name, and name the folder around these")
    }
  }
  guard !isDirectory(data) || (try? tableFormat(of: data)) != nil else {
    throw Failure(
      .missingInput, at: data, "expected pictures, sounds or texts in a folder for each class, or tables, found none",
      cure: "check the path")
  }
  let (format, _) = try DraftSource.read(data, configuration: configuration)
  let names = try format.sources().first.map { try format.columnNames(of: $0) } ?? []
  throw Failure(
    .usage, at: "--target", "expected the column of \(data) that is to be predicted, found none",
    cure: "the columns are \(Collector.listed(names))")
}

/// The file that a configuration for data is written to where none is named: `photos.yaml` of `photos/`, `table.yaml` of what has no
/// name of its own.
package func draftName(of data: String) -> String {
  let isFolder = isDirectory(data)
  let path = isFolder ? URL(fileURLWithPath: data).standardizedFileURL.path : data
  let name = path.split(separator: "/").last.map(String.init) ?? ""
  let stem = isFolder ? name : data.hasPrefix("{") ? "" : String(name.prefix { $0 != "." })
  return (stem.isEmpty || !isFolder && stem.contains { "*?[".contains($0) } ? "table" : stem) + ".yaml"
}

/// Where files of pictures, sounds or texts lie in a folder, it is read as a table in vain.
private func draftOfTable(_ data: String, _ target: String, _ configuration: String) throws -> TableDraft {
  do { return try TableDraft(data, target: target, configuration: configuration) } catch {
    // The look may fail as well: what went wrong with the table is to be told then.
    guard isDirectory(data), let look = try? FolderLook(data) else { throw error }
    throw Failure(
      .usage, at: "--target",
      "expected none, as folders tell the classes of their \(look.kind.plural), found '\(target)'", cure: "leave it out"
    )
  }
}
