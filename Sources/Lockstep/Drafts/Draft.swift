import Configuration
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
  let written = DraftPlace(data: data, configuration: configuration)
  guard data.hasPrefix("{") || data.contains(where: { "*?[".contains($0) }) || exists(data) else {
    throw Failure(
      .missingInput, at: data, "expected a table, a folder or a text, found none", cure: "check the path")
  }
  if let target {
    do { return try TableDraft(data, target: target, configuration: configuration) } catch {
      // Where something else lies in the folder as well, it is read as a table in vain.
      guard isDirectory(data), let kind = try? FolderLook(data).kind, kind != .texts else { throw error }
      throw Failure(
        .usage, at: "--target", "expected none, as folders tell the classes of their \(kind.plural), found '\(target)'",
        cure: "leave it out")
    }
  }
  if isDirectory(data) {
    let look = try FolderLook(data)
    switch look.kind {
    case .pictures: return try PictureDraft(look, written)
    case .sounds: return try SoundDraft(look, written)
    case .texts: return try TextFilesDraft(look, written)
    }
  }
  if exists(data), [".txt", ".txt.gz", ".text", ".md"].contains(where: data.lowercased().hasSuffix) {
    return try CorpusDraft(data, written)
  }
  let (format, _) = try DraftSource.read(data, configuration: configuration)
  let names = try format.sources().first.map { try format.columnNames(of: $0) } ?? []
  throw Failure(
    .usage, at: "--target", "expected the column of \(data) that is to be predicted, found none",
    cure: "the columns are \(Collector.listed(names))")
}

/// What a draft calls the data, and itself.
struct DraftPlace {
  let data: String
  /// Where it will be written to.
  let configuration: String

  /// A path as the configuration has it, quoted where it needs to be.
  func path(_ file: String) -> String { yamlText(DraftSource.path(file, from: configuration)) }

  /// `credit` of `work/credit.yaml`
  var name: String {
    let name = configuration.split(separator: "/").last.map(String.init) ?? configuration
    return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
  }

  /// The first lines: what was looked at, and what to do next.
  ///
  /// - Parameter use: how the trained model is used.
  func head(_ looked: String, use: String) -> [String] {
    [
      "# Written by lockstep init after a look at \(looked): change what you know better.",
      "# Train:   lockstep train \(configuration)", "# \(use)",
    ]
  }
}
