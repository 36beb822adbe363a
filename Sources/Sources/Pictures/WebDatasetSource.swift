import Configuration
import Datasets
import Diagnostics
import Preparation

/// Tar archives of pictures and what they show, in webdataset's form: packed and divided once, decoded as they are gathered.
public struct WebDatasetSource: PictureSource {
  public static let kind = "webdataset"
  public static let summary = "tar archives of JPEG and PNG files and what they show; decoded as they are gathered"
  public static let pathSettings = ["train", "validation", "test"]

  public let settings: PictureSettings
  public let pictures: PictureStore

  public init(_ settings: ConfigReader) throws {
    self.settings = try PictureSettings(settings, operational: Self.pathSettings, listing: Self.listing)
    pictures = PictureStore(self.settings)
  }

  private static func listing(_ settings: ConfigReader) throws -> PictureSettings.Listed {
    let train = try settings.filePaths("train")
    let (validation, test) = (try settings.optionalFilePaths("validation"), try settings.optionalFilePaths("test"))
    let target = try settings.string("target", default: "cls")
    settings.note("target", ": the ending of what tells it, cls, txt, or json.FIELD")
    let kind = try settings.option("kind", of: TargetKind.self, default: .classes)
    let isDivided = validation != nil || test != nil
    var archives: [(paths: [String], part: Part?)] = [(train, isDivided ? .train : nil)]
    if let validation { archives.append((validation, .validation)) }
    if let test { archives.append((test, .test)) }
    return (PictureArchives(archives, target: target), [target], kind == .values, nil)
  }
}

extension ConfigReader {
  /// As `filePaths`; nil where the key is missing.
  fileprivate func optionalFilePaths(_ key: String) throws -> [String]? {
    if let value = value(key), value.isList { return try filePaths(key) }
    defer { note(key, ", or a list of them") }
    return try optionalFilePath(key).map { [$0] }
  }
}
