import Diagnostics
import Files
import Formats
import Pictures
import Sounds

/// What listed files are: pictures, or sounds.
package struct ListedKind: Sendable {
  /// `picture`, and several of them.
  let noun: String
  let plural: String
  /// Endings, without a point, of files that are looked at in folders and archives.
  let endings: [String]

  package static let pictures = ListedKind(noun: "picture", plural: "pictures", endings: PictureKind.endings)
  package static let sounds = ListedKind(noun: "sound", plural: "sounds", endings: SoundKind.endings)

  /// What lists other files than those of a configuration: a folder, a table, an archive, one file, or a list of names.
  ///
  /// - Parameters:
  ///   - source: what a configuration names.
  ///   - needsTargets: whether each has to have what is predicted, to be measured on.
  func listing(of path: String, like source: any PictureListing, needsTargets: Bool) throws -> any PictureListing {
    if isDirectory(path) { return PictureFolders([(path, nil)], of: self, needsClasses: needsTargets) }
    guard exists(path) else {
      throw Failure(
        .missingInput, at: path, "expected a folder, a table, or a \(noun), found none", cure: "check the path")
    }
    let name = path.lowercased()
    if endings.contains(where: { name.hasSuffix(".\($0)") }), !needsTargets { return PictureNames(file: path) }
    if name.hasSuffix(".txt"), !needsTargets { return try PictureNames(list: path) }
    if name.hasSuffix(".tar") {
      return PictureArchives([([path], nil)], of: self, target: (source as? PictureArchives)?.target ?? "cls")
    }
    if let table = source as? PictureTable { return try table.reading(path) }
    return PictureTable(try tableFormat(of: path), path: "path", root: nil)
  }
}
