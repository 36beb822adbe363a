import Configuration
import Datasets
import Preparation
import Tensors

/// Sounds in folders, a folder a class, named by a table, or in tar archives: decoded once, and made features.
package struct AudioSource: ListedSource {
  package static let kind = "audio"
  package static let summary =
    "WAV, FLAC, OGG and AIFF files in folders, a folder a class, named by a table, or in tar archives; made features once"
  package static var pathSettings: [String] { FileSettings.pathSettings }

  package let settings: SoundSettings
  package let store: ListedStore<SoundSettings>

  package init(_ settings: ConfigReader) throws {
    self.settings = try SoundSettings(settings, operational: Self.pathSettings) {
      try FileSettings.listing($0, .sounds)
    }
    store = ListedStore(self.settings)
  }

  package func samples(of part: Preparation.Part, in prepared: PreparedSounds) -> (Shape, Dataset.Features)? {
    let form = prepared.fitted.form
    return prepared.features(of: part).map { ([form.frames, form.width], .mapped($0)) }
  }

  package func samples(
    of items: [MadeSound], _ fitted: FittedSounds, source: String
  ) throws -> (Shape, Dataset.Features) {
    var features: [Float] = []
    features.reserveCapacity(items.reduce(0) { $0 + $1.clips } * fitted.form.count)
    for item in items { try item.forEachPiece { features += $0 } }
    return ([fitted.form.frames, fitted.form.width], .floats(features))
  }
}
