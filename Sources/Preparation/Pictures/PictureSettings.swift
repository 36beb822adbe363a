import Configuration
import Diagnostics
import Pictures

/// What is made of pictures: `data.images` and `data.webdataset` in a configuration.
package struct PictureSettings: Sendable {
  package let files: ListedSettings
  /// Height and width of a sample; nil: that of the pictures, which then have one.
  let size: (height: Int, width: Int)?
  /// nil: grey where all pictures are.
  let channels: PictureForm.Channels?
  let fit: PictureForm.Fit
  let filter: ResizeFilter
  let background: Double

  /// Reads all settings but those of what is listed, which `listing` reads, with the column that is predicted where it has one of its own.
  package init(
    _ settings: ConfigReader, operational: [String], listing: (ConfigReader) throws -> ListedSettings.Listed
  ) throws {
    var (size, channels) = ((height: Int, width: Int)?.none, PictureForm.Channels?.none)
    var (fit, filter, background) = (PictureForm.Fit.crop, ResizeFilter.triangle, 0.0)
    files = try ListedSettings(
      settings, operational: operational, late: ["size", "channels", "fit", "resize", "background"], newer: ["group"],
      listing: listing
    ) { settings in
      size = try settings.pictureSize()
      channels = try settings.optionalOption("channels")
      fit = try settings.option("fit", default: fit)
      filter = try settings.option("resize", default: filter)
      background = try settings.double("background", default: background, in: 0...1)
    }
    (self.size, self.channels, self.fit, self.filter, self.background) = (size, channels, fit, filter, background)
  }

  /// What pictures become, where the settings leave it to them: to whether all are grey, and the size that all have, if they have one.
  func form(ofGrey areGrey: Bool, size own: (height: Int, width: Int)?, at place: String) throws -> PictureForm {
    guard let size = size ?? own, [size.height, size.width].allSatisfy(ConfigReader.sides.contains) else {
      let why = own == nil ? "they have several" : "theirs is too large"
      throw Failure(
        .badConfiguration, at: place, "expected a size that all pictures are brought to, as \(why), found none",
        cure: "set size: 224, or size: [height, width]")
    }
    return PictureForm(
      height: size.height, width: size.width, channels: channels ?? (areGrey ? .grey : .rgb), fit: fit, filter: filter,
      background: background)
  }
}

extension ConfigReader {
  /// The most rows or columns of a sample.
  fileprivate static let sides = 1...16_384

  /// `32`, or `[height, width]`; nil where it is missing.
  fileprivate func pictureSize() throws -> (height: Int, width: Int)? {
    if let value = value("size"), value.isList {
      let sides = try ints("size", in: Self.sides)
      guard sides.count == 2 else {
        throw failure(at: "size", "expected height and width, found \(sides.count) numbers", cure: "write [224, 224]")
      }
      return (sides[0], sides[1])
    }
    let side = try optionalInt("size", in: Self.sides)
    note(
      "size", ", or a list of two, height and width; required where pictures have several sizes",
      or: .list(of: .whole(Self.sides.limits), count: (2...2).limits))
    return side.map { ($0, $0) }
  }
}
