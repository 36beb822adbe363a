import Diagnostics
import Files
import Formats
import Pictures
import Sounds

/// What listed files are: pictures, or sounds.
package struct ListedKind: Sendable {
  /// `picture`, and several of them.
  package let noun: String
  package let plural: String
  /// Endings, without a point, of files that are looked at in folders and archives.
  let endings: [String]

  package static let pictures = ListedKind(noun: "picture", plural: "pictures", endings: PictureKind.endings)
  package static let sounds = ListedKind(noun: "sound", plural: "sounds", endings: SoundKind.endings)

  /// What lists other files than those of a configuration: a folder, a table, an archive, one file, or a list of names.
  ///
  /// - Parameters:
  ///   - source: what a configuration names.
  ///   - needsTargets: whether each has to have what is predicted, to be measured on.
  func listing(of path: String, like source: any FileListing, needsTargets: Bool) throws -> any FileListing {
    if isDirectory(path) { return ListedFolders([(path, nil)], of: self, needsClasses: needsTargets) }
    guard exists(path) else {
      throw Failure(
        .missingInput, at: path, "expected a folder, a table, or a \(noun), found none", cure: "check the path")
    }
    let name = path.lowercased()
    if endings.contains(where: { name.hasSuffix(".\($0)") }), !needsTargets { return ListedNames(file: path) }
    if name.hasSuffix(".txt"), !needsTargets { return try ListedNames(list: path) }
    if ListedArchives.endings.contains(where: { name.hasSuffix(".\($0)") }) {
      return ListedArchives([([path], nil)], of: self, target: (source as? ListedArchives)?.target ?? "cls")
    }
    if let table = source as? ListedTable { return try table.reading(path) }
    return ListedTable(try tableFormat(of: path), path: "path", root: nil)
  }
}
