import Configuration
import Datasets
import Diagnostics
import Formats
import Preparation
import Synchronization

/// Pictures in folders, a folder a class, or named by a table: listed, packed and divided once, decoded as they are gathered.
public struct ImagesSource: Source {
  public static let kind = "images"
  public static let summary =
    "JPEG and PNG files in folders, a folder a class, or named by a table; decoded as they are gathered"
  public static var pathSettings: [String] {
    ["train", "validation", "test", "root"]
      + tableFormatKinds.all.flatMap { format in format.pathSettings.map { "source.\(format.kind).\($0)" } }
  }

  public let settings: PictureSettings
  public let pictures: PictureStore

  public init(_ settings: ConfigReader) throws {
    let operational = Self.pathSettings
    self.settings = try PictureSettings(settings, operational: operational, listing: Self.listing)
    pictures = PictureStore(self.settings)
  }

  /// Folders, or a table.
  private static func listing(_ settings: ConfigReader) throws -> PictureSettings.Listed {
    let train = try settings.optionalFilePath("train")
    settings.note("train", ": a folder with a folder for each class; or name a source, a table of pictures")
    let source = try settings.optionalChoice("source", tableFormatKinds.cases { try $0.init($1) })
    let (validation, test) = (try settings.optionalFilePath("validation"), try settings.optionalFilePath("test"))
    let path = try settings.string("path", default: "path")
    settings.note("path", ": of a source, the column of the pictures' paths")
    let root = try settings.optionalFilePath("root")
    settings.note("root", ": of a source, what paths start from, else the folder that it is in")
    let targets = try settings.targetNames()
    let kind = try settings.option("kind", of: TargetKind.self, default: .classes)
    if let source {
      let folder = [("train", train), ("validation", validation), ("test", test)].first { $0.1 != nil }
      let conflict = folder.map {
        settings.failure(
          at: $0.0, "expected no folder, as a source names the pictures, found one",
          cure: "leave it out; split: {fixed: {by: COLUMN}} divides the rows of a table")
      }
      guard kind == .values || targets.count == 1 else {
        throw settings.failure(
          at: "target", "expected one column of classes, found \(targets.count)", cure: "set kind: values for numbers")
      }
      return (PictureTable(source, path: path, root: root), targets, kind == .values, conflict)
    }
    let conflict =
      train == nil
      ? settings.failure(
        at: "train", "expected a folder of pictures, or a source that names them, found neither",
        cure: "write train: FOLDER, or source: {csv: {files: FILE}}")
      : PictureFolders.conflict(
        [("train", train), ("validation", validation), ("test", test)].compactMap { key, path in path.map { (key, $0) }
        },
        settings)
    guard targets == [PictureFolders.classColumn], kind == .classes, root == nil, path == "path" else {
      throw settings.failure(
        at: root != nil ? "root" : path != "path" ? "path" : kind == .classes ? "target" : "kind",
        "expected none, as folders tell the classes of their pictures, found one",
        cure: "leave it out, or name a source")
    }
    let isDivided = validation != nil || test != nil
    var folders: [(path: String, part: Part?)] = train.map { [($0, isDivided ? .train : nil)] } ?? []
    if let validation { folders.append((validation, .validation)) }
    if let test { folders.append((test, .test)) }
    return (PictureFolders(folders), targets, false, conflict)
  }
}

extension ConfigReader {
  /// `class`, or a list of columns.
  fileprivate func targetNames() throws -> [String] {
    if let value = value("target"), value.isList { return try names("target") }
    defer { note("target", ", or a list of them: of a source, what is predicted") }
    return [try string("target", default: PictureFolders.classColumn)]
  }
}
