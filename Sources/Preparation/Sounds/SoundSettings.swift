import Configuration
import Diagnostics
import Formats
import Sounds
import Tables

/// What is made of sounds: `data.audio` in a configuration.
public struct SoundSettings: Sendable {
  /// Where sounds and what they are of are found, as it is named; and the same with groups of their paths.
  package let listed: any PictureListing
  package let source: any PictureListing
  /// What is predicted: one column of classes, or columns of numbers.
  package let targets: [String]
  package let predictsNumbers: Bool
  /// The classes in the order of the outputs; nil: all that were found, sorted.
  package let classes: [String]?
  package let split: any Split
  package let form: SoundForm
  package let quarantineAtMost: Double
  /// Where prepared data are kept.
  package let directory: String
  /// Prepared data that are taken as they are; nil: none.
  package let prepared: String?
  /// All that decides samples besides the sounds, as text.
  package let identity: String
  /// What is wrong with what is named; thrown as soon as sounds are to be listed.
  package let conflict: Failure?

  /// Reads all settings but those of the source, which `listing` reads.
  package init(
    _ settings: ConfigReader, operational: [String],
    listing: (ConfigReader) throws -> PictureSettings.Listed
  ) throws {
    (listed, targets, predictsNumbers, conflict) = try listing(settings)
    let named = try settings.strings("classes", default: [])
    guard Set(named).count == named.count else {
      throw settings.failure(at: "classes", "expected distinct names", cure: "name each class once")
    }
    guard named.isEmpty || !predictsNumbers else {
      throw settings.failure(at: "classes", "expected none, as numbers are predicted, found some", cure: "leave it out")
    }
    classes = named.isEmpty ? nil : named
    form = try settings.soundForm()
    if let text = try settings.optionalString("group") {
      guard let pattern = PathPattern(text) else {
        throw settings.failure(
          at: "group", "expected a pattern of paths with a group in braces, found '\(text)'",
          cure: "write \"*/{*}-*.wav\", for example")
      }
      source = GroupedListing(own: listed, pattern: pattern)
    } else {
      source = listed
    }
    settings.note(
      "group",
      ": a pattern of paths; what stands in braces is the column group, by which split: {hash: {by: group}} divides")
    let kinds: ConfigCases<any Split> = splitKinds.cases { try $0.init($1) }
    if source.namesParts {
      split = ListedSplit(source, within: try settings.optionalChoice("split", kinds))
    } else {
      split = try settings.choice("split", kinds, default: RandomSplit.kind)
      settings.note("split", ": where test is named, of a split only what training is watched by counts")
    }
    if source is GroupedListing, !split.columns.contains(where: { $0.name == GroupedListing.column }) {
      throw settings.failure(
        at: "group", "expected a split by it, found \(type(of: split).kind)",
        cure: "write split: {hash: {by: group, test: 0.2}}, or leave group out")
    }
    quarantineAtMost = try settings.double("quarantine-at-most", default: 0.01, in: 0...1)
    directory = try settings.optionalFilePath("keep-under") ?? "prepared"
    prepared = try settings.optionalFilePath("prepared")
    let others = operational + ["keep-under", "prepared", "quarantine-at-most"]
    let parts = source.parts.map { $0.map { "\($0)" } ?? "divided" }.joined(separator: ",")
    identity =
      settings.settings.filter { setting in
        !others.contains { setting.path == $0 || setting.path.hasPrefix("\($0).") }
      }.map { "\($0.path)=\($0.text)" }.joined(separator: "\n") + "\nparts=\(parts)"
  }

  var targetRequests: [ColumnRequest] { targets.map { ColumnRequest($0, predictsNumbers ? .numbers : .words) } }

  /// All that is to be collected, each once.
  var requests: [ColumnRequest] {
    let own = SoundPacker.columns.map { ColumnRequest($0.name, .numbers) } + [ColumnRequest(source.path, .texts)]
    return (own + targetRequests + split.columns).reduce(into: []) { all, request in
      if !all.contains(request) { all.append(request) }
    }
  }
}

extension ConfigReader {
  /// What sounds become.
  fileprivate func soundForm() throws -> SoundForm {
    let rate = try int("rate", default: 16_000, in: 1000...192_000)
    note("rate", ": samples a second, which all sounds are brought to")
    let seconds = try double("seconds", default: 1, in: .above(0, through: 3600))
    note("seconds", ": of a clip")
    let fit = try option("fit", of: SoundForm.Fit.self, default: .centre)
    note("fit", ": which part of a longer sound is taken, and where a shorter one stands in silence")
    let clips = try int("clips", default: 1, in: 1...100_000)
    note("clips", ": at most so many of a longer sound, evenly spread over all of it")
    let features: any SoundFeatures = try choice(
      "features", soundFeatureKinds.cases { try $0.init($1, rate: rate) }, default: LogMel.kind)
    let form = SoundForm(
      rate: rate, samples: max(1, Int((seconds * Double(rate)).rounded())), fit: fit, clips: clips,
      spectrum: features.spectrum)
    guard form.isUsable else {
      let isShort = form.spectrum.map { $0.deltas > 0 } ?? false
      throw failure(
        at: "seconds",
        isShort
          ? "expected at least nine frames, of which deltas are rates of change, found \(form.frames)"
          : "expected a clip of at most \(grouped(1 << 26)) samples and \(grouped(1 << 28)) numbers, found \(grouped(form.samples)) and \(grouped(form.count))",
        cure: isShort ? "lengthen the clip, or leave deltas out" : "shorten the clip")
    }
    return form
  }
}
