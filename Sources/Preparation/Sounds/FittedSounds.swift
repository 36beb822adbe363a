import Diagnostics
import Foundation
import Sounds

/// What sounds become, as a checkpoint keeps it: all that is needed to make samples of other ones.
package struct FittedSounds: FittedFiles {
  /// Of this form; another one is refused.
  package var format = 1
  package var form: SoundForm
  /// The classes that are predicted, in the order of the outputs; nil: numbers are.
  package var classes: [String]?
  package var targets: [String]
  /// The library that decoded the training sounds.
  package var decoder: String

  /// - Parameter vorbis: the library that decoded Vorbis; nil: no sound was of that.
  package init(_ form: SoundForm, classes: [String]?, targets: [String], vorbis: String?) {
    (self.form, self.classes, self.targets) = (form, classes, targets)
    decoder = SoundFile.version + (vorbis.map { ", \($0)" } ?? "")
  }

  package var decoderNow: String {
    decoder.contains(", ") ? "\(SoundFile.version), \(SoundFile.vorbisVersion)" : SoundFile.version
  }

  /// Reads `text`; throws bad data where it is none.
  package init(json: String) throws {
    guard let read = try? JSONDecoder().decode(FittedSounds.self, from: Data(json.utf8)), read.format == 1,
      read.form.isUsable, !read.targets.isEmpty
    else {
      throw Failure(.badData, "expected how sounds become samples, found other JSON", cure: "use another checkpoint")
    }
    self = read
  }

  /// `101×40 of 1.0 s at 16000 Hz, 10 classes, decoded by libsndfile-1.2.0`
  package var summary: String {
    "\(shape), \(classes.map { "\($0.count) classes" } ?? "numbers"), decoded by \(decoder)"
  }

  /// `101×40 of 1.0 s at 16000 Hz`
  package var shape: String {
    "\(form.frames)×\(form.width) of \(fixed(Double(form.samples) / Double(form.rate), 2)) s at \(form.rate) Hz"
  }
}
