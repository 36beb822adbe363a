import Diagnostics
import Files
import Formats
import Tables
import Tensors

/// A table with a column of paths.
package struct ListedTable: FileListing {
  package let table: any TableFormat
  package let path: String
  /// What the paths start from; nil: the folder that the table is in.
  let root: String?

  package init(_ table: any TableFormat, path: String, root: String?) {
    (self.table, self.path, self.root) = (table, path, root)
  }

  package let columns: Set<String> = []
  package func bytes(of source: String) -> any FileBytes { files(of: source) }

  private func files(of source: String) -> ListedFiles {
    let folder = source.lastIndex(of: "/").map { String(source[..<$0]) } ?? "."
    return ListedFiles(root: root ?? folder, column: path)
  }

  package func states() throws -> Digest {
    let own = try table.sources().map { "\($0.split(separator: "/").last ?? "") \(stateText($0))\n" }
    return Digest(of: try own.joined() + states(files).description)
  }

  package func listed(by split: any Split) throws -> String? {
    try RawReading(of: table, split: split).finish().digest.description
  }

  package let missing = Set(TableSettings.usualMissing)

  /// Another table in the place of its own.
  func reading(_ file: String) throws -> ListedTable {
    ListedTable(try table.reading(file), path: path, root: root)
  }
}
