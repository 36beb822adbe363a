import Configuration
import Preparation

/// Tar archives of pictures and what they show, in webdataset's form: packed and divided once, decoded as they are gathered.
package struct WebDatasetSource: PictureSource {
  package static let kind = "webdataset"
  package static let summary = "tar archives of JPEG and PNG files and what they show; decoded as they are gathered"
  package static let pathSettings = ["train", "validation", "test"]

  package let settings: PictureSettings
  package let store: ListedStore<PictureSettings>

  package init(_ settings: ConfigReader) throws {
    self.settings = try PictureSettings(settings, operational: Self.pathSettings, listing: { try Self.listing($0) })
    store = ListedStore(self.settings)
  }

  private static func listing(_ settings: ConfigReader) throws -> ListedSettings.Listed {
    let train = try settings.filePaths("train")
    let (validation, test) = (try settings.optionalPaths("validation"), try settings.optionalPaths("test"))
    let target = try settings.string("target", default: "cls")
    settings.note("target", ": the ending of what tells it, cls, txt, or json.FIELD")
    let kind = try settings.option("kind", of: TargetKind.self, default: .classes)
    let isDivided = validation != nil || test != nil
    var archives: [(paths: [String], part: Part?)] = [(train, isDivided ? .train : nil)]
    if let validation { archives.append((validation, .validation)) }
    if let test { archives.append((test, .test)) }
    return (ListedArchives(archives, target: target), [target], kind == .values, nil)
  }
}
