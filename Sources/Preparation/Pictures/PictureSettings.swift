import Configuration
import Diagnostics
import Formats
import Pictures
import Tables

/// What is made of pictures: `data.images` and `data.webdataset` in a configuration.
public struct PictureSettings: Sendable {
  /// Where pictures and what they show are found.
  package let source: any PictureListing
  /// What is predicted: one column of classes, or columns of numbers.
  package let targets: [String]
  package let predictsNumbers: Bool
  /// The classes in the order of the outputs; nil: all that were found, sorted.
  package let classes: [String]?
  package let split: any Split
  /// Height and width of a sample; nil: that of the pictures, which then have one.
  let size: (height: Int, width: Int)?
  /// nil: grey where all pictures are.
  let channels: PictureForm.Channels?
  let fit: PictureForm.Fit
  let filter: ResizeFilter
  let background: Double
  package let quarantineAtMost: Double
  /// Where prepared data are kept.
  package let directory: String
  /// Prepared data that are taken as they are; nil: none.
  package let prepared: String?
  /// All that decides samples besides the pictures, as text; and what of it decides how these are packed and divided.
  package let identity: String
  let packing: String

  /// What is wrong with what is named; thrown as soon as pictures are to be listed.
  package let conflict: Failure?

  /// Where pictures are, what is predicted, and what is wrong with that together.
  package typealias Listed = (
    source: any PictureListing, targets: [String], predictsNumbers: Bool, conflict: Failure?
  )

  /// Reads all settings but those of the source, which `listing` reads, with the column that is predicted where it has one of its own.
  package init(
    _ settings: ConfigReader, operational: [String],
    listing: (ConfigReader) throws -> Listed
  ) throws {
    (source, targets, predictsNumbers, conflict) = try listing(settings)
    let named = try settings.strings("classes", default: [])
    guard Set(named).count == named.count else {
      throw settings.failure(at: "classes", "expected distinct names", cure: "name each class once")
    }
    guard named.isEmpty || !predictsNumbers else {
      throw settings.failure(at: "classes", "expected none, as numbers are predicted, found some", cure: "leave it out")
    }
    classes = named.isEmpty ? nil : named
    size = try settings.pictureSize()
    channels = try settings.optionalOption("channels")
    fit = try settings.option("fit", default: .crop)
    filter = try settings.option("resize", default: .triangle)
    background = try settings.double("background", default: 0, in: 0...1)
    let kinds: ConfigCases<any Split> = splitKinds.cases { try $0.init($1) }
    if source.namesParts {
      split = ListedSplit(source, within: try settings.optionalChoice("split", kinds))
    } else {
      split = try settings.choice("split", kinds, default: RandomSplit.kind)
      settings.note("split", ": where test is named, of a split only what training is watched by counts")
    }
    quarantineAtMost = try settings.double("quarantine-at-most", default: 0.01, in: 0...1)
    directory = try settings.optionalFilePath("keep-under") ?? "prepared"
    prepared = try settings.optionalFilePath("prepared")
    let others = operational + ["keep-under", "prepared", "quarantine-at-most"]
    let parts = source.parts.map { $0.map { "\($0)" } ?? "divided" }.joined(separator: ",")
    func text(without others: [String]) -> String {
      settings.settings.filter { setting in
        !others.contains { setting.path == $0 || setting.path.hasPrefix("\($0).") }
      }.map { "\($0.path)=\($0.text)" }.joined(separator: "\n") + "\nparts=\(parts)"
    }
    identity = text(without: others)
    packing = text(without: others + ["size", "channels", "fit", "resize", "background"])
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
