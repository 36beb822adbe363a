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
  ///   - endings: of names in folders, without a point, in small letters.
  ///   - linksAreOne: whether paths below one name that lead to the same file are one, as rows of a table are not to be read twice. Where
  ///     a path is a sample, and its folder a class, each is one by itself.
  ///
  /// Throws a missing input (66) where one of `names` leads to no file.
  package static func found(_ names: [String], endings: [String], linksAreOne: Bool = true) throws -> [Found] {
    var found: [(file: Found, name: Int)] = []
    for (number, name) in names.enumerated() {
      // Where a file has a `*` in its name, that is the one that is meant.
      let isPattern = !exists(name) && name.contains(where: isWild)
      let these = try isPattern ? matching(name, endings) : files(Found(path: name, folders: []), endings)
      guard !these.isEmpty else {
        let expected = isPattern ? "a file that matches" : "a file in the folder that ends with \(words(endings))"
        throw Failure(.missingInput, at: name, "expected \(expected), found none", cure: "check the path")
      }
      found += these.map { ($0, number) }
    }
    found.sort {
      $0.file.path == $1.file.path
        ? $0.name < $1.name : $0.file.path.utf8.lexicographicallyPrecedes($1.file.path.utf8)
    }
    // A look at each costs a round trip where files lie far away.
    guard linksAreOne || names.count > 1 else { return found.map(\.file) }
    // A file that several paths lead to goes by the first of them; what is not there is told when it is opened.
    var seen: [FileIdentity: Int] = [:]
    return found.compactMap { file, name in
      guard let identity = FileIdentity(file.path) else { return file }
      guard let first = seen.updateValue(seen[identity] ?? name, forKey: identity) else { return file }
      return first == name && !linksAreOne ? file : nil
    }
  }

  /// What lies in a folder, and in folders in it, with one of the endings, in the order of their paths' bytes; each path is one.
  package static func below(_ folder: String, endings: [String]) throws -> [Found] {
    try files(Found(path: folder, folders: []), endings).sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
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
    return try directoryEntries(place.path).flatMap { entry -> [Found] in
      let name = entry.name
      guard !name.hasPrefix("."), !name.hasPrefix("_") else { return [] }
      let path = place.path.hasSuffix("/") ? place.path + name : "\(place.path)/\(name)"
      if entry.isDirectory ?? isDirectory(path) {
        return try files(Found(path: path, folders: place.folders + [name]), endings, inside: inside + [identity])
      }
      return endings.contains { name.lowercased().hasSuffix(".\($0)") }
        ? [Found(path: path, folders: place.folders)] : []
    }
  }
}
