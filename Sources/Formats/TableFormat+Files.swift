import Diagnostics
import Files

/// The format of a file, of what matches a pattern, or of the files in a folder, by the endings of names.
///
/// Throws a missing input (66) where there is no file, and a usage error (64) where no format has the ending, or several do.
package func tableFormat(of path: String) throws -> any TableFormat {
  let all = tableFormatKinds.all.flatMap { $0.endings }
  let names = try FilePaths.found([path], endings: all).map(\.path)
  let kinds = tableFormatKinds.all.filter { kind in names.contains { kind.reads($0.lowercased()) } }
  guard let kind = kinds.first, names.allSatisfy({ kind.reads($0.lowercased()) }) else {
    let found = names.first { name in !kinds.contains { $0.reads(name.lowercased()) } } ?? names[0]
    guard kinds.count < 2 else {
      let words = kinds.map { $0.kind }.joined(separator: " and ")
      throw Failure(
        .usage, at: path, "expected files of one format, found \(words)",
        cure: "name those that are meant: \(path)/*.\(kinds[0].endings[0])")
    }
    throw Failure(
      .usage, at: found, "expected a name that ends with \(FilePaths.words(all))",
      cure: "rename it, or write the source as in a configuration: '{csv: {files: \(found)}}', '{sqlite: {file: …}}'")
  }
  return try kind.init(file: path)
}

extension TableFormat {
  /// Whether files of this name are read so where nothing else is said.
  package static func reads(_ name: String) -> Bool { endings.contains { name.hasSuffix(".\($0)") } }
}
