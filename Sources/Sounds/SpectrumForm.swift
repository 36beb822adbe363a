/// How a sound becomes frames of numbers. Letters: N samples of a transform, F numbers of a frame.
package struct SpectrumForm: Sendable, Equatable, Codable {
  /// What is made of a band's power.
  package enum Scale: String, Sendable, CaseIterable, Codable {
    /// 10·log₁₀, at least `floor`, and where `range` is not nil at most so many decibels below a clip's largest: librosa's
    /// `power_to_db(ref=1.0)`.
    case decibels
    /// The natural logarithm, at least that of `floor`.
    case natural
    case linear
  }

  /// Samples of Hann's window, at most N, in whose middle it stands; those from frame to frame; and N, a power of two.
  package var window: Int
  package var hop: Int
  package var size: Int
  /// Exponent of the amplitude: 2, or 1.
  package var power = 2
  /// nil: all N/2 + 1 frequencies.
  package var bands: Int?
  /// In Hz.
  package var low: Double
  package var high: Double
  package var mel = MelScale.slaney
  package var equalArea = true
  package var scale = Scale.decibels
  package var floor: Float = 1e-10
  package var range: Double? = 80
  /// Of a discrete cosine transform of the bands, DCT-II with orthonormal rows; nil: none.
  package var cepstra: Int?
  /// Whether the rates of change of the numbers, and those of these, stand behind them: 0, 1 or 2.
  package var deltas = 0

  package init(window: Int, hop: Int, size: Int, high: Double, low: Double = 0) {
    (self.window, self.hop, self.size, self.low, self.high) = (window, hop, size, low, high)
  }

  /// The smallest power of two that holds a window, 16 at least.
  package static func size(holding window: Int) -> Int {
    var size = 16
    while size < window { size *= 2 }
    return size
  }

  /// Numbers before their rates of change.
  var plain: Int { cepstra ?? bands ?? size / 2 + 1 }
  package var width: Int { plain * (1 + deltas) }

  /// Frames of a clip: one in whose middle the clip begins, and one more each `hop` samples.
  package func frames(of samples: Int) -> Int { 1 + samples / hop }

  /// Whether all of it can be computed, as of what a checkpoint says.
  package func isUsable(rate: Int, samples: Int) -> Bool {
    (16...65_536).contains(size) && size & (size - 1) == 0 && (1...size).contains(window) && (1...1 << 20).contains(hop)
      && (1...2).contains(power) && (bands.map { (1...4096).contains($0) } ?? true) && low >= 0 && low < high
      && high <= Double(rate) / 2 && floor >= .leastNormalMagnitude && floor.isFinite && (range ?? 1) > 0
      && (cepstra.map { (1...plainBands).contains($0) } ?? true) && (0...2).contains(deltas)
      && (deltas == 0 || frames(of: samples) >= DeltaFilter.width)
  }

  private var plainBands: Int { bands ?? size / 2 + 1 }
}
