import Diagnostics
import Files
import Formats
import Pictures
import Tables
import Tensors

/// A table with a column of paths of pictures.
package struct PictureTable: PictureListing {
  package let table: any TableFormat
  package let path: String
  /// What the paths start from; nil: the folder that the table is in.
  let root: String?

  package init(_ table: any TableFormat, path: String, root: String?) {
    (self.table, self.path, self.root) = (table, path, root)
  }

  package let columns: Set<String> = []
  package func bytes(of source: String) -> any PictureBytes { pictures(of: source) }

  private func pictures(of source: String) -> PictureFiles {
    let folder = source.lastIndex(of: "/").map { String(source[..<$0]) } ?? "."
    return PictureFiles(root: root ?? folder, column: path)
  }

  package func states() throws -> Digest {
    let own = try table.sources().map { "\($0.split(separator: "/").last ?? "") \(stateText($0))\n" }
    return Digest(of: try own.joined() + states(pictures).description)
  }

  package func listed(by split: any Split) throws -> String? {
    try RawReading(of: table, split: split).finish().digest.description
  }

  package let missing = Set(TableSettings.usualMissing)

  /// Another table in the place of its own.
  func reading(_ file: String) throws -> PictureTable {
    PictureTable(try table.reading(file), path: path, root: root)
  }
}
