import Configuration
import Diagnostics
import Formats
import Preparation

/// Where the files of a source of its own kind are found: folders with a folder in them for each class, a table that names them, or tar
/// archives.
enum FileSettings {
  /// Settings, below the source's word, that are paths of files.
  static var pathSettings: [String] {
    ["train", "validation", "test", "root"]
      + tableFormatKinds.all.flatMap { format in format.pathSettings.map { "source.\(format.kind).\($0)" } }
  }

  /// Reads what is listed.
  static func listing(_ settings: ConfigReader, _ kind: ListedKind) throws -> ListedSettings.Listed {
    let train = try settings.optionalPaths("train")
    settings.note(
      "train",
      ": a folder with a folder for each class, or tar archives; or name a source, a table of \(kind.plural)")
    let source = try settings.optionalChoice("source", tableFormatKinds.cases { try $0.init($1) })
    let (validation, test) = (try settings.optionalPaths("validation"), try settings.optionalPaths("test"))
    let path = try settings.string("path", default: "path")
    settings.note("path", ": of a source, the column of the \(kind.plural)' paths")
    let root = try settings.optionalFilePath("root")
    settings.note("root", ": of a source, what paths start from, else the folder that it is in")
    let targets = try settings.listedTargets()
    let predicted = try settings.option("kind", of: TargetKind.self, default: .classes)
    let named: [(key: String, paths: [String]?, part: Preparation.Part)] = [
      ("train", train, .train), ("validation", validation, .validation), ("test", test, .test),
    ]
    if let source {
      let conflict = named.first { $0.paths != nil }.map {
        settings.failure(
          at: $0.key, "expected no folder, as a source names the \(kind.plural), found one",
          cure: "leave it out; split: {fixed: {by: COLUMN}} divides the rows of a table")
      }
      guard predicted == .values || targets.count == 1 else {
        throw settings.failure(
          at: "target", "expected one column of classes, found \(targets.count)", cure: "set kind: values for numbers")
      }
      return (ListedTable(source, path: path, root: root), targets, predicted == .values, conflict)
    }
    guard root == nil, path == "path" else {
      throw settings.failure(
        at: root == nil ? "path" : "root",
        "expected none without a source, a table that names \(kind.plural), found one",
        cure: "leave it out, or name a source")
    }
    let conflict =
      train == nil
      ? settings.failure(
        at: "train", "expected a folder of \(kind.plural), or a source that names them, found neither",
        cure: "write train: FOLDER, or source: {csv: {files: FILE}}")
      : ListedFolders.conflict(
        named.flatMap { own in (own.paths ?? []).filter { !isArchive($0) }.map { (own.key, $0) } }, settings)
    let isDivided = validation != nil || test != nil
    let parts = named.compactMap { own in own.paths.map { ($0, isDivided ? own.part : Preparation.Part?.none) } }
    if parts.contains(where: { $0.0.contains(where: isArchive) }) {
      guard targets.count == 1 else {
        throw settings.failure(
          at: "target", "expected one ending, found \(targets.count)", cure: "name cls, or json.FIELD")
      }
      let target = targets == [ListedFolders.classColumn] ? "cls" : targets[0]
      return (ListedArchives(parts, of: kind, target: target), [target], predicted == .values, conflict)
    }
    guard targets == [ListedFolders.classColumn], predicted == .classes else {
      throw settings.failure(
        at: predicted == .classes ? "target" : "kind",
        "expected none, as folders tell the classes of their \(kind.plural), found one",
        cure: "leave it out, or name a source")
    }
    let folders = parts.flatMap { own in own.0.map { ($0, own.1) } }
    return (ListedFolders(folders, of: kind), targets, false, conflict)
  }

  private static func isArchive(_ path: String) -> Bool {
    ListedArchives.endings.contains { path.lowercased().hasSuffix(".\($0)") }
  }
}

extension ConfigReader {
  /// A path, or a list of them; nil where it is missing.
  func optionalPaths(_ key: String) throws -> [String]? {
    if let value = value(key), value.isList { return try filePaths(key) }
    defer { note(key, ", or a list of them") }
    return try optionalFilePath(key).map { [$0] }
  }

  /// `class`, or a list of columns.
  fileprivate func listedTargets() throws -> [String] {
    if let value = value("target"), value.isList { return try names("target") }
    defer {
      note(
        "target", ", or a list of them: of a source, what is predicted; of archives, the ending of what tells it, cls")
    }
    return [try string("target", default: ListedFolders.classColumn)]
  }
}
