import Configuration
import Diagnostics
import Sounds

/// What is made of sounds: `data.audio` in a configuration.
package struct SoundSettings: Sendable {
  package let files: ListedSettings
  package let form: SoundForm

  /// Reads all settings but those of what is listed, which `listing` reads.
  package init(
    _ settings: ConfigReader, operational: [String], listing: (ConfigReader) throws -> ListedSettings.Listed
  ) throws {
    var form: SoundForm?
    files = try ListedSettings(settings, operational: operational, listing: listing) {
      form = try $0.soundForm()
    }
    self.form = form!
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
