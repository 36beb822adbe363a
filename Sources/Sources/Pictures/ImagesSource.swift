import Configuration
import Preparation

/// Pictures in folders, a folder a class, named by a table, or in tar archives: listed, packed and divided once, decoded as they are
/// gathered.
package struct ImagesSource: PictureSource {
  package static let kind = "images"
  package static let summary =
    "JPEG and PNG files in folders, a folder a class, named by a table, or in tar archives; decoded as they are gathered"
  package static var pathSettings: [String] { FileSettings.pathSettings }

  package let settings: PictureSettings
  package let store: ListedStore<PictureSettings>

  package init(_ settings: ConfigReader) throws {
    self.settings = try PictureSettings(settings, operational: Self.pathSettings) {
      try FileSettings.listing($0, .pictures)
    }
    store = ListedStore(self.settings)
  }
}
