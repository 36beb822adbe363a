import Diagnostics
import Glibc

/// The files that settings name: by a path, by a pattern, or by a folder that they lie in.
///
/// | written | found |
/// |---|---|
/// | `data/a.csv` | the file, whatever its name ends with |
/// | `data/*.csv`, `data/part-[0-9].csv` | what matches: `*` and `?` do not match a slash, `[…]` one of its characters |
/// | `data` | what lies in the folder, and in folders in it, with one of the endings |
///
/// What is found by a folder has a name that begins neither with a point nor with `_`, as have the folders in it: other
/// programs keep their own files under such names.
package enum FilePaths {
  /// A file that was found.
  package struct Found: Hashable, Sendable {
    package let path: String
    /// The folders between what was named and the file: `["region=north"]`. Those of a pattern count from the first that has
    /// a `*`, `?` or `[`.
    package let folders: [String]
  }

  /// All files, each once, in the order of their paths' bytes.
  ///
  /// - Parameters:
  ///   - names: paths, patterns and folders.
  ///   - endings: of names in folders, without a point.
  ///
  /// Throws a missing input (66) where one of `names` leads to no file.
  package static func found(_ names: [String], endings: [String]) throws -> [Found] {
    var found: [Found] = []
    for name in names {
      // Where a file has a `*` in its name, that is the one that is meant.
      let isPattern = !exists(name) && name.contains(where: isWild)
      let these = try isPattern ? matching(name, endings) : files(Found(path: name, folders: []), endings)
      guard !these.isEmpty else {
        let expected = isPattern ? "a file that matches" : "a file in the folder that ends with \(words(endings))"
        throw Failure(.missingInput, at: name, "expected \(expected), found none", cure: "check the path")
      }
      found += these
    }
    found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    // A file that several paths lead to goes by the first of them; what is not there is told when it is opened.
    var seen: Set<FileIdentity> = []
    return found.filter { file in FileIdentity(file.path).map { seen.insert($0).inserted } ?? true }
  }

  /// `.csv, .tsv or .txt`: those of packed files, which have two points, go without saying.
  package static func words(_ endings: [String]) -> String {
    let plain = endings.filter { !$0.contains(".") }.map { ".\($0)" }
    guard plain.count > 1, let last = plain.last else { return endings.map { ".\($0)" }.joined(separator: " or ") }
    return plain.dropLast().joined(separator: ", ") + " or \(last)"
  }

  private static func isWild(_ character: Character) -> Bool { "*?[".contains(character) }

  private static func matching(_ pattern: String, _ endings: [String]) throws -> [Found] {
    var matches = glob_t()
    defer { globfree(&matches) }
    let code = glob(pattern, GLOB_NOSORT | GLOB_ERR, nil, &matches)
    guard code == 0 || code == GLOB_NOMATCH else {
      throw Failure.system("glob", pattern, errno: errno, reading: true, cure: "check the permissions of its folders")
    }
    // What stands before the first folder with a wildcard is no part of what is told about a file.
    let fixed = pattern.split(separator: "/").prefix { !$0.contains(where: isWild) }.count
    return try (0..<Int(matches.gl_pathc)).flatMap { index -> [Found] in
      guard let match = matches.gl_pathv[index] else { return [] }
      let path = String(cString: match)
      let folders = path.split(separator: "/").dropFirst(fixed).map(String.init)
      return try files(Found(path: path, folders: isDirectory(path) ? folders : folders.dropLast()), endings)
    }
  }

  /// The file itself, or those in a folder and the folders in it.
  private static func files(_ place: Found, _ endings: [String], inside: [FileIdentity] = []) throws -> [Found] {
    guard isDirectory(place.path) else { return [place] }
    guard let identity = FileIdentity(place.path), !inside.contains(identity) else {
      throw Failure(
        .missingInput, at: place.path, "expected a folder, found a link to one that it lies in", cure: "remove the link"
      )
    }
    return try directoryNames(place.path).flatMap { name -> [Found] in
      guard !name.hasPrefix("."), !name.hasPrefix("_") else { return [] }
      let path = place.path.hasSuffix("/") ? place.path + name : "\(place.path)/\(name)"
      if isDirectory(path) {
        return try files(Found(path: path, folders: place.folders + [name]), endings, inside: inside + [identity])
      }
      return endings.contains { name.lowercased().hasSuffix(".\($0)") }
        ? [Found(path: path, folders: place.folders)] : []
    }
  }
}
