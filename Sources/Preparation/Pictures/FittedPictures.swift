import Diagnostics
import Foundation
import Pictures

/// What pictures become, as a checkpoint keeps it: all that is needed to make samples of other ones.
package struct FittedPictures: FittedFiles {
  /// Of this form; another one is refused.
  package var format = 1
  package var height: Int
  package var width: Int
  /// `grey` or `rgb`
  package var channels: String
  package var fit: String
  package var resize: String
  package var background: Double
  /// The classes that are predicted, in the order of the outputs; nil: numbers are.
  package var classes: [String]?
  package var targets: [String]
  /// The libraries that decoded the training pictures.
  package var decoder: String

  package init(_ form: PictureForm, classes: [String]?, targets: [String]) {
    (height, width, channels) = (form.height, form.width, form.channels.rawValue)
    (fit, resize, background) = (form.fit.rawValue, form.filter.rawValue, form.background)
    (self.classes, self.targets, decoder) = (classes, targets, PictureDecoder.version)
  }

  package var decoderNow: String { PictureDecoder.version }

  /// Reads `text`; throws bad data where it is none.
  package init(json: String) throws {
    guard let read = try? JSONDecoder().decode(FittedPictures.self, from: Data(json.utf8)), read.format == 1,
      (try? read.form) != nil
    else {
      throw Failure(.badData, "expected how pictures become samples, found other JSON", cure: "use another checkpoint")
    }
    self = read
  }

  /// `28×28 grey, 10 classes, decoded by libjpeg-turbo 2.1.5, …`
  package var summary: String {
    "\(height)×\(width) \(channels), \(classes.map { "\($0.count) classes" } ?? "numbers"), decoded by \(decoder)"
  }

  package var form: PictureForm {
    get throws {
      guard let channels = PictureForm.Channels(rawValue: channels), let fit = PictureForm.Fit(rawValue: fit),
        let filter = ResizeFilter(rawValue: resize), (1...16_384).contains(height), (1...16_384).contains(width),
        (0...1).contains(background)
      else { throw Failure(.badData, "expected a form of pictures, found another", cure: "use another checkpoint") }
      return PictureForm(
        height: height, width: width, channels: channels, fit: fit, filter: filter, background: background)
    }
  }
}
