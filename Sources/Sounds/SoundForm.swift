/// What sounds become: clips of one length, and of each clip T×F numbers.
package struct SoundForm: Sendable, Equatable, Codable {
  /// Which part of a longer sound is a clip, and where a shorter one stands in it.
  package enum Fit: String, Sendable, CaseIterable, Codable {
    /// Its middle; silence to both sides.
    case centre
    /// Its beginning; silence behind it.
    case begin
  }

  /// Samples a second, which all sounds are brought to.
  package var rate: Int
  /// Of a clip.
  package var samples: Int
  package var fit: Fit
  /// The most clips of a sound: more than one lie from its beginning to its end, equally far apart.
  package var clips: Int
  /// nil: the samples themselves.
  package var spectrum: SpectrumForm?

  package init(rate: Int, samples: Int, fit: Fit = .centre, clips: Int = 1, spectrum: SpectrumForm?) {
    (self.rate, self.samples, self.fit, self.clips, self.spectrum) = (rate, samples, fit, clips, spectrum)
  }

  /// T and F.
  package var frames: Int { spectrum?.frames(of: samples) ?? samples }
  package var width: Int { spectrum?.width ?? 1 }
  /// Numbers of a clip.
  package var count: Int { frames * width }

  /// Whether all of it can be computed, as of what a checkpoint says.
  package var isUsable: Bool {
    SoundFile.rates.contains(rate) && (1...1 << 26).contains(samples) && (1...100_000).contains(clips)
      && (spectrum.map { $0.isUsable(rate: rate, samples: samples) } ?? true)
      && frames.multipliedReportingOverflow(by: width).partialValue <= 1 << 28
  }

  /// Whether bands are so narrow that some have no frequency.
  package var hasEmptyBands: Bool { spectrum.map { Spectrum.bands($0, rate: rate).hasEmpty } ?? false }

  /// Where the clips of a sound of `length` samples begin: S samples each, as many as cover it, evenly spread.
  func starts(in length: Int) -> [Int] {
    let most = min(clips, max(1, (length + samples - 1) / samples))
    guard most > 1 else { return [fit == .centre ? (length - samples) >> 1 : 0] }
    return (0..<most).map { $0 * (length - samples) / (most - 1) }
  }
}
