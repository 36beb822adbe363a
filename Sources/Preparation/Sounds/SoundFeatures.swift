import Configuration
import Diagnostics
import Sounds

/// What is made of a sound: a kind, with its settings.
package protocol SoundFeatures: NamedKind, Sendable {
  /// Reads its settings, for sounds of `rate` samples a second.
  init(_ settings: ConfigReader, rate: Int) throws
  /// nil: the samples themselves.
  var spectrum: SpectrumForm? { get }
}

/// What `features` of sounds can name.
package let soundFeatureKinds = Registry<any SoundFeatures.Type>(
  [Waveform.self, Spectrogram.self, LogMel.self, CepstralCoefficients.self], named: { $0.kind }, summary: { $0.summary }
)

/// The samples, each a number of a frame of its own.
struct Waveform: SoundFeatures {
  static let kind = "waveform"
  static let summary = "the samples themselves, T×1"

  let spectrum: SpectrumForm? = nil
  init(_ settings: ConfigReader, rate: Int) {}
}

/// All frequencies of short pieces.
struct Spectrogram: SoundFeatures {
  static let kind = "spectrogram"
  static let summary = "the power of all frequencies of short pieces, T×(fft / 2 + 1)"

  let spectrum: SpectrumForm?

  init(_ settings: ConfigReader, rate: Int) throws {
    var form = try settings.frames(rate: rate)
    try settings.readScale(of: &form)
    form.deltas = try settings.int("deltas", default: 0, in: 0...2)
    spectrum = form
  }
}

/// Bands that are as wide as they are heard.
struct LogMel: SoundFeatures {
  static let kind = "log-mel"
  static let summary = "the logarithm of the power in bands that are equally wide to the ear, T×bands"

  let spectrum: SpectrumForm?

  init(_ settings: ConfigReader, rate: Int) throws {
    var form = try settings.bands(rate: rate, default: 40)
    form.deltas = try settings.int("deltas", default: 0, in: 0...2)
    spectrum = form
  }
}

/// Cepstral coefficients of such bands: Davis, Mermelstein (1980).
struct CepstralCoefficients: SoundFeatures {
  static let kind = "mfcc"
  static let summary = "cepstral coefficients of such bands, T×coefficients"

  let spectrum: SpectrumForm?

  init(_ settings: ConfigReader, rate: Int) throws {
    let count = try settings.int("coefficients", default: 13, in: 1...4096)
    var form = try settings.bands(rate: rate, default: 40)
    guard count <= form.bands ?? 0 else {
      throw settings.failure(
        at: "coefficients", "expected at most as many as bands, \(form.bands ?? 0), found \(count)",
        cure: "raise bands")
    }
    form.cepstra = count
    form.deltas = try settings.int("deltas", default: 0, in: 0...2)
    spectrum = form
  }
}

extension ConfigReader {
  /// Window, hop and size of the transform.
  fileprivate func frames(rate: Int) throws -> SpectrumForm {
    func samples(_ key: String, default value: Double) throws -> Int {
      let time = try double(key, default: value, in: .above(0, through: 60_000))
      note(key, ": in milliseconds")
      return max(1, Int((time * Double(rate) / 1000).rounded()))
    }
    let (window, hop) = (try samples("window", default: 25), try samples("hop", default: 10))
    let found = try optionalInt("fft", in: 16...65_536)
    note("fft", ": samples of a transform, a power of two; left out, the smallest that holds a window")
    let size = found ?? SpectrumForm.size(holding: window)
    guard size & (size - 1) == 0, size >= window, size <= 65_536 else {
      throw failure(
        at: found == nil ? "window" : "fft",
        "expected a power of two from \(window), the samples of a window, to 65536, found \(size)",
        cure: found == nil ? "shorten the window" : "set fft: \(SpectrumForm.size(holding: window))")
    }
    return SpectrumForm(window: window, hop: hop, size: size, high: Double(rate) / 2)
  }

  /// What is made of power.
  fileprivate func readScale(of form: inout SpectrumForm) throws {
    form.power = try int("power", default: 2, in: 1...2)
    note("power", ": 2, or 1 for amplitudes")
    form.scale = try option("scale", default: .decibels)
    form.floor = Float(try double("floor", default: 1e-10, in: .above(1e-37, through: 1e6)))
    form.range = try double("range", default: 80, in: 0...1e6)
    note("range", ": of decibels, how many a number may be below the largest of its clip; 0: any")
    // Their defaults stand in the configuration of a run, whatever its scale.
    if form.scale != .decibels, form.range != 80 {
      throw failure(at: "range", "expected none with scale: \(form.scale.rawValue), found one", cure: "leave it out")
    }
    if form.scale == .linear, form.floor != 1e-10 {
      throw failure(at: "floor", "expected none with scale: linear, found one", cure: "leave it out")
    }
    if form.range == 0 { form.range = nil }
  }

  /// Bands of power.
  fileprivate func bands(rate: Int, default count: Int) throws -> SpectrumForm {
    let bands = try int("bands", default: count, in: 1...4096)
    var form = try frames(rate: rate)
    form.bands = bands
    form.low = try double("low", default: 0, in: 0...384_000)
    form.high = try optionalDouble("high", in: .above(0, through: 384_000)) ?? form.high
    note("high", ": in Hz, as low; left out, half the rate")
    guard form.low < form.high, form.high <= Double(rate) / 2 else {
      throw failure(
        at: "high",
        "expected a frequency above low, \(form.low), and up to half the rate, \(Double(rate) / 2) Hz, found \(form.high)",
        cure: "leave it out")
    }
    form.mel = try option("mel", default: .slaney)
    form.equalArea = try bool("equal-area", default: true)
    note("equal-area", ": whether bands are divided by their width, as librosa and Slaney do")
    try readScale(of: &form)
    guard !SoundForm(rate: rate, samples: rate, spectrum: form).hasEmptyBands else {
      throw failure(
        at: "bands",
        "expected bands that are at least as wide as frequencies are apart (\(rate) Hz / \(form.size)), found narrower ones",
        cure: "take fewer bands, or set fft: \(2 * form.size)")
    }
    return form
  }
}
